import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';

/**
 * Handed out in one turn of the event loop. Answers that came together would otherwise go out as requests together,
 * and come together again: each would wait for the work of all others.
 */
const handedOutAtOnce = 4;

/**
 * Requests the worker has at providers at once. What is claimed beyond that is loaded and waits for its turn, so that
 * a slot that becomes free is filled without asking the database first.
 */
@Injectable()
export class SendSlots {
  private free: number;
  /** In the order of asking. */
  private readonly waiting = new Set<() => void>();
  private isHandingOut = false;

  constructor(@InjectSettings() settings: Settings) {
    this.free = settings.pressure.renewals;
  }

  /**
   * Runs the work in a slot, in the order of asking.
   * @param mostMs how long it may wait for its turn
   * @returns null when its turn did not come in time
   */
  async during<T>(work: () => Promise<T>, mostMs: number): Promise<T | null> {
    if (!(await this.turn(mostMs))) return null;
    try {
      return await work();
    } finally {
      this.free += 1;
      this.handOut();
    }
  }

  /** Resolves to whether the turn came in time. */
  private turn(mostMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const start = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.waiting.delete(start);
        resolve(false);
      }, mostMs);
      this.waiting.add(start);
      this.handOut();
    });
  }

  private handOut(): void {
    if (this.isHandingOut || this.free === 0 || this.waiting.size === 0) return;
    this.isHandingOut = true;
    setImmediate(() => {
      this.isHandingOut = false;
      let turns = Math.min(this.free, handedOutAtOnce);
      for (const start of this.waiting) {
        if (turns === 0) break;
        turns -= 1;
        this.free -= 1;
        this.waiting.delete(start);
        start();
      }
      this.handOut();
    });
  }
}
