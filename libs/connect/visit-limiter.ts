import { Injectable } from '@nestjs/common';

/** Of the places in this process's pool of database connections. */
const places = 2;
const mostWaiting = 500;
const longestWaitMs = 5_000;

/** So many browsers are here that this one has to come back. */
export class TooManyVisits extends Error {
  override readonly name = 'TooManyVisits';
}

/**
 * Anybody may visit the pages of a code flow, as often as they like. All their visits together take two places of
 * the database pool, and leave the others to callers with a key. A visit waits for the provider outside of them.
 */
@Injectable()
export class VisitLimiter {
  private taken = 0;
  private readonly entering = new Set<() => void>();
  private readonly resuming = new Set<() => void>();

  /** The first work of a visit. @throws TooManyVisits */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    if (this.entering.size >= mostWaiting) throw new TooManyVisits();
    return this.run(this.entering, work, longestWaitMs);
  }

  /** Further work of a visit that was let in: it is never refused, and goes before those that enter. */
  resume<T>(work: () => Promise<T>): Promise<T> {
    return this.run(this.resuming, work);
  }

  private async run<T>(queue: Set<() => void>, work: () => Promise<T>, waitMs?: number): Promise<T> {
    if (this.taken < places) this.taken += 1;
    else await turnIn(queue, waitMs);
    try {
      return await work();
    } finally {
      this.handOn();
    }
  }

  private handOn(): void {
    for (const queue of [this.resuming, this.entering]) {
      for (const begin of queue) {
        queue.delete(begin);
        begin();
        return;
      }
    }
    this.taken -= 1;
  }
}

/** Until the place of somebody else is handed on. */
function turnIn(queue: Set<() => void>, waitMs: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      queue.delete(begin);
      reject(new TooManyVisits());
    };
    const timer = waitMs === undefined ? undefined : setTimeout(giveUp, waitMs);
    const begin = () => {
      clearTimeout(timer);
      resolve();
    };
    queue.add(begin);
  });
}
