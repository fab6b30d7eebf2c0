import { Injectable } from '@nestjs/common';

/** Requests that are being answered, so that a shutdown can wait for them. */
@Injectable()
export class OpenRequests {
  #count = 0;
  readonly #idleListeners: (() => void)[] = [];
  readonly #abort = new AbortController();

  /** Aborted when waiting is over: whatever sleeps on it gives up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const listener of this.#idleListeners.splice(0)) listener();
    }
  }

  /** Waits until nothing is in flight, but no longer than `timeoutMs`, then cuts off what is left. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#count > 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#idleListeners.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#abort.abort();
  }
}
