import { isDatabaseOutage } from '../database-outage.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts everything asked for one tenant in one turn of the event loop into one statement. Where a statement for several
 * fails, each is tried alone, so that one does not spoil it for the others.
 */
export class TenantBatch<Item, Result> {
  private readonly waiting = new Map<string, Waiting<Item, Result>[]>();

  /** @param run answers in the order of the items, all or none */
  constructor(
    private readonly run: (tenantId: string, items: readonly Item[]) => Promise<readonly Result[]>,
  ) {}

  add(tenantId: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(tenantId);
      if (others) {
        others.push({ item, resolve, reject });
        return;
      }
      this.waiting.set(tenantId, [{ item, resolve, reject }]);
      setImmediate(() => {
        const batch = this.waiting.get(tenantId) ?? [];
        this.waiting.delete(tenantId);
        void this.runAll(tenantId, batch);
      });
    });
  }

  private async runAll(tenantId: string, batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.run(
        tenantId,
        batch.map(({ item }) => item),
      );
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
    } catch (error) {
      if (batch.length > 1 && !isDatabaseOutage(error)) {
        await Promise.all(batch.map((one) => this.runAll(tenantId, [one])));
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
