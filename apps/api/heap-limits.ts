import { setFlagsFromString } from 'node:v8';

/**
 * How V8 uses memory here; imported before anything else. The old generation holds tokens mostly, which stay: it is
 * searched for what has gone once it has grown by a tenth. With 50,000 tokens of 1 KB in memory an api takes 251 to 301
 * MiB so and up to 490 without; reads of the database are as fast.
 */
setFlagsFromString('--heap-growing-percent=10');
