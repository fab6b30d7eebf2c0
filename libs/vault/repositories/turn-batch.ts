import { isDatabaseOutage } from '../database-outage.js';

/** Of one statement, which must not keep its session from others for long. */
const mostItems = 64;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts what is asked for in one turn of the event loop into one statement, because under load the way to the database and
 * back costs more than a small statement. Where a statement for several fails, each is tried alone, so that one does not
 * spoil it for the others.
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
        const waiting = this.waiting;
        this.waiting = [];
        for (let at = 0; at < waiting.length; at += mostItems) {
          void this.runAll(waiting.slice(at, at + mostItems));
        }
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

/** Puts rows that say which item they answer, counted from 1, in the order of so many items. */
export function inOrder<Row extends { readonly n: number }>(
  rows: readonly Row[],
  items: number,
): (Row | undefined)[] {
  const answers = new Array<Row | undefined>(items).fill(undefined);
  for (const row of rows) answers[row.n - 1] = row;
  return answers;
}
