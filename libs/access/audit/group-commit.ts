interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One transaction at a time for each tenant; what is asked for meanwhile waits and shares the next one. So a tenant
 * takes one place of the database pool, however many wait.
 */
export class GroupCommit<Item> {
  private readonly waiting = new Map<string, Waiting<Item>[]>();

  /** @param most in one transaction */
  constructor(
    private readonly most: number,
    private readonly write: (tenantId: string, items: readonly Item[]) => Promise<void>,
  ) {}

  /** Resolves once the item is committed. */
  add(tenantId: string, item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(tenantId);
      const own = { item, resolve, reject };
      if (others) others.push(own);
      else {
        this.waiting.set(tenantId, [own]);
        // Items that are added in the same turn of the event loop are written together.
        setImmediate(() => void this.run(tenantId));
      }
    });
  }

  private async run(tenantId: string): Promise<void> {
    for (;;) {
      const batch = this.waiting.get(tenantId)?.splice(0, this.most) ?? [];
      if (batch.length === 0) break;
      try {
        await this.write(
          tenantId,
          batch.map(({ item }) => item),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.waiting.delete(tenantId);
  }
}
