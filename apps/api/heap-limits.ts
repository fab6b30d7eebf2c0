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
 * While many tokens are in memory V8 gives pages back that it has emptied, which costs some of the reads of many tokens.
 * With few tokens it would cost cold reads, so it does not then (decision 39).
 */
let isLarge = false;
setInterval(() => {
  const used = getHeapStatistics().used_heap_size;
  if (isLarge ? used > large.below : used < large.from) return;
  isLarge = !isLarge;
  setFlagsFromString(isLarge ? '--optimize-for-size' : '--no-optimize-for-size');
}, lookMs).unref();
