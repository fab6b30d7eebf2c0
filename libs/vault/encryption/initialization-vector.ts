import { randomFillSync } from 'node:crypto';

/** For AES-GCM, bytes (NIST SP 800-38D §8.2.2). */
export const ivBytes = 12;

/** Drawn together: a draw costs much, and little more for many than for one. */
const drawnTogether = 256;

let drawn = Buffer.alloc(0);
let next = 0;

/** Random bytes that are given out once. */
export function newInitializationVector(): Buffer {
  if (next === drawn.length) {
    // A new buffer: those given out are parts of the one before.
    drawn = randomFillSync(Buffer.allocUnsafeSlow(drawnTogether * ivBytes));
    next = 0;
  }
  next += ivBytes;
  return drawn.subarray(next - ivBytes, next);
}
