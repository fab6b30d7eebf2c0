import { setFlagsFromString } from 'node:v8';

/**
 * Each answer of a provider leaves a buffer of 64 KiB behind, and V8 waits long before it looks for such on a machine
 * with much memory. With a young generation that stays small they go soon. Imported before anything else.
 */
setFlagsFromString('--semi-space-growth-factor=1');
