import { growingCache } from '../growing-cache.js';

/**
 * Seals that a process counts for a data key at a time. It counts a block when it begins one, so nothing is lost when it
 * is killed later; keys that seal a few times in each process are replaced a little earlier than they would have to be.
 */
export const sealsPerBlock = 2 ** 16;

/** Data keys whose block is known, the one used longest ago dropped first; a dropped one begins another block. */
const keptBlocks = 100_000;

/** How often this process has sealed with each data key, in blocks that the database is told of. */
export class SealCounts {
  private readonly leftInBlock = growingCache<number>(keptBlocks);
  private untold = new Map<string, number>();

  count(keyId: string): void {
    const left = this.leftInBlock.get(keyId) ?? 0;
    if (left > 0) {
      this.leftInBlock.set(keyId, left - 1);
      return;
    }
    this.add(keyId, sealsPerBlock);
    this.leftInBlock.set(keyId, sealsPerBlock - 1);
  }

  /** The counts that the database is to be told now. */
  take(): ReadonlyMap<string, number> {
    const taken = this.untold;
    this.untold = new Map();
    return taken;
  }

  /** It could not be told: it is the next time. */
  putBack(taken: ReadonlyMap<string, number>): void {
    for (const [keyId, seals] of taken) this.add(keyId, seals);
  }

  private add(keyId: string, seals: number): void {
    this.untold.set(keyId, (this.untold.get(keyId) ?? 0) + seals);
  }
}
