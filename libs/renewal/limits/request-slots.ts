import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';

/**
 * Handed out in one turn of the event loop. Answers that came together would otherwise go out as requests together,
 * and come together again: each would wait for the work of all others. With fewer, slots stay empty where a turn takes long.
 */
const handedOutAtOnce = 16;

/**
 * Requests the worker has at providers at once. Connections claimed beyond that are loaded and wait for their turn,
 * so that a slot that becomes free is filled without asking the database first.
 */
@Injectable()
export class RequestSlots implements OnModuleDestroy {
  private free: number;
  /** In the order of asking; until when a turn is of use, monotonic clock, milliseconds. */
  private readonly waiting = new Map<(isMine: boolean) => void, number>();
  private isHandingOut = false;
  private isClosed = false;

  constructor(@InjectSettings() settings: Settings) {
    this.free = settings.renewalLimits.renewals;
  }

  /** From now on no renewal gets a slot: those under way may use the time that the process has left. */
  onModuleDestroy(): void {
    this.isClosed = true;
    for (const end of this.waiting.keys()) end(false);
  }

  /**
   * Runs the work in a slot, in the order of asking.
   * @param mostMs how long it may wait for its turn, if at all; default for ever
   * @returns undefined when its turn did not come in time, or the process ends before it
   */
  async during<T>(work: () => Promise<T>, mostMs?: number): Promise<T | undefined> {
    const isTooLate = mostMs !== undefined && mostMs <= 0;
    if (this.isClosed || isTooLate || !(await this.turn(mostMs))) return undefined;
    try {
      return await work();
    } finally {
      this.free += 1;
      this.handOut();
    }
  }

  private turn(mostMs: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isMine: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve(isMine);
      };
      const timer = mostMs === undefined ? undefined : setTimeout(() => end(false), mostMs);
      this.waiting.set(end, performance.now() + (mostMs ?? Number.POSITIVE_INFINITY));
      this.handOut();
    });
  }

  private handOut(): void {
    if (this.isHandingOut || this.free === 0 || this.waiting.size === 0) return;
    this.isHandingOut = true;
    setImmediate(() => {
      this.isHandingOut = false;
      let turns = Math.min(this.free, handedOutAtOnce);
      for (const [end, latestMs] of this.waiting) {
        if (turns === 0) break;
        // A process that stood still may come here before its timers.
        if (performance.now() > latestMs) {
          end(false);
          continue;
        }
        turns -= 1;
        this.free -= 1;
        end(true);
      }
      this.handOut();
    });
  }
}
