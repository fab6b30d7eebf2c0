/** A token that was handed out. */
export interface TokenRead {
  readonly tenantId: string;
  readonly tenantSlug: string;
  /** API key id, or the workload's issuer and subject. */
  readonly callerId: string;
  /** Slug. */
  readonly connection: string;
}

/** Reads of one connection by one caller, or all those for which there was no room of their own. */
export interface CountedReads {
  readonly tenantSlug: string;
  /** Null, and the connection too: of several. */
  readonly callerId: string | null;
  readonly connection: string | null;
  count: number;
  /** Epoch milliseconds of the first and the last. */
  readonly fromMs: number;
  toMs: number;
}

/** Counts in memory who has read what. Bounded, and no read is lost by that: only told less precisely. */
export class TokenReadCounts {
  private readonly tenants = new Map<string, Map<string, CountedReads>>();
  private entries = 0;

  constructor(private readonly maxEntries: number) {}

  /** Tenants of which something was read. */
  get tenantIds(): string[] {
    return [...this.tenants.keys()];
  }

  /** On the path of every token read. */
  add({ tenantId, tenantSlug, callerId, connection }: TokenRead, nowMs: number): void {
    const counts = this.tenants.get(tenantId) ?? this.addTenant(tenantId);
    const name = `${callerId} ${connection}`;
    const counted = counts.get(name) ?? (this.entries < this.maxEntries ? undefined : counts.get(''));
    if (counted) {
      counted.count += 1;
      counted.toMs = nowMs;
      return;
    }
    const hasRoom = this.entries < this.maxEntries;
    const who = hasRoom ? { callerId, connection } : { callerId: null, connection: null };
    counts.set(hasRoom ? name : '', { tenantSlug, ...who, count: 1, fromMs: nowMs, toMs: nowMs });
    this.entries += 1;
  }

  /** Takes some of a tenant's out. */
  take(tenantId: string, most: number): CountedReads[] {
    const counts = this.tenants.get(tenantId);
    if (!counts) return [];
    const taken: CountedReads[] = [];
    for (const [name, counted] of counts) {
      if (taken.length === most) break;
      taken.push(counted);
      counts.delete(name);
    }
    this.entries -= taken.length;
    if (counts.size === 0) this.tenants.delete(tenantId);
    return taken;
  }

  private addTenant(tenantId: string): Map<string, CountedReads> {
    const counts = new Map<string, CountedReads>();
    this.tenants.set(tenantId, counts);
    return counts;
  }
}
