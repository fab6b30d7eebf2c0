import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';

/**
 * Requests the worker has at providers at once. What is claimed beyond that is loaded and waits for its turn, so that
 * a slot that becomes free is filled without asking the database first.
 */
@Injectable()
export class SendSlots implements OnModuleDestroy {
  private free: number;
  private readonly waiting: ((isMine: boolean) => void)[] = [];
  private closed = false;

  constructor(@InjectSettings() settings: Settings) {
    this.free = settings.pressure.renewals;
  }

  /** Whoever has no slot yet gets none: what is under way alone may take the time that the process has left. */
  onModuleDestroy(): void {
    this.closed = true;
    for (const resolve of this.waiting.splice(0)) resolve(false);
  }

  /** Runs the work in a slot, in the order of asking. @returns undefined when the process ends before its turn */
  async during<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.closed) return undefined;
    if (this.free > 0) this.free -= 1;
    else if (!(await new Promise<boolean>((resolve) => this.waiting.push(resolve)))) return undefined;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next(true);
      else this.free += 1;
    }
  }
}
