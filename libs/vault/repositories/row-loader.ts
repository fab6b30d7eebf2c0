interface Wanted<Row> {
  readonly connectionId: string;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads what is asked for in the same turn, for the same tenant, in one statement. */
export class RowLoader<Row extends { readonly connection_id: string }> {
  private readonly waiting = new Map<string, Wanted<Row>[]>();

  constructor(
    private readonly read: (tenantId: string, connectionIds: readonly string[]) => Promise<Row[]>,
  ) {}

  load(tenantId: string, connectionId: string): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(tenantId);
      const wanted = { connectionId, resolve, reject };
      if (others) {
        others.push(wanted);
        return;
      }
      this.waiting.set(tenantId, [wanted]);
      queueMicrotask(() => void this.run(tenantId));
    });
  }

  private async run(tenantId: string): Promise<void> {
    const wanted = this.waiting.get(tenantId) ?? [];
    this.waiting.delete(tenantId);
    try {
      const rows = await this.read(
        tenantId,
        wanted.map(({ connectionId }) => connectionId),
      );
      const found = new Map(rows.map((row) => [row.connection_id, row]));
      for (const { connectionId, resolve } of wanted) resolve(found.get(connectionId));
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }
}
