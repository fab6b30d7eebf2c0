import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';

/**
 * Requests the worker has at providers at once. What is claimed beyond that is loaded and waits for its turn, so that
 * a slot that becomes free is filled without asking the database first.
 */
@Injectable()
export class SendSlots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(@InjectSettings() settings: Settings) {
    this.free = settings.pressure.renewals;
  }

  /** Runs the work in a slot, in the order of asking. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
