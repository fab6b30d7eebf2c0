import { isDatabaseOutage } from '../database-outage.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts everything asked for in one turn of the event loop into one statement. Where a statement for several fails, each
 * is tried alone, so that one does not spoil it for the others.
 */
export class TurnBatch<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];

  /** @param run answers in the order of the items, all or none */
  constructor(private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>) {}

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.waiting.length > 1) return;
      setImmediate(() => {
        const batch = this.waiting;
        this.waiting = [];
        void this.runAll(batch);
      });
    });
  }

  private async runAll(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.run(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
    } catch (error) {
      if (batch.length > 1 && !isDatabaseOutage(error)) {
        await Promise.all(batch.map((one) => this.runAll([one])));
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
