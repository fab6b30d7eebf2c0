import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * How V8 uses memory here; imported before anything else. The old generation holds tokens mostly, which stay: it is
 * searched for what has gone once it has grown by a tenth.
 */
setFlagsFromString('--heap-growing-percent=10');

/** Of the heap in use, bytes. */
const large = { from: 96 * 2 ** 20, below: 80 * 2 ** 20 };
const lookMs = 1_000;

/**
 * Once many tokens are in memory V8 gives pages back that it has emptied: with 50,000 tokens of 1 KB an api took 301 MiB
 * where it takes 245. That costs up to a third of the reads of many tokens, and with few of the cold reads: it is left
 * off then.
 */
let isLarge = false;
setInterval(() => {
  const used = getHeapStatistics().used_heap_size;
  if (isLarge ? used > large.below : used < large.from) return;
  isLarge = !isLarge;
  setFlagsFromString(isLarge ? '--optimize-for-size' : '--no-optimize-for-size');
}, lookMs).unref();
