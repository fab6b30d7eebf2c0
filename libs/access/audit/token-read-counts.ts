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
  /** Of the first and the last, on the clock of `add`. */
  readonly fromMs: number;
  toMs: number;
}

/** By caller and connection: names put together for each read would cost more than all else of a count. */
type Counts = Map<string, Map<string, CountedReads>>;

/** In place of the caller and of the connection. */
const several = '';

/** Counts in memory who has read what. Bounded, and no read is lost by that: only told less precisely. */
export class TokenReadCounts {
  private readonly tenants = new Map<string, Counts>();
  private entries = 0;

  constructor(private readonly maxEntries: number) {}

  /** Tenants of which something was read. */
  get tenantIds(): string[] {
    return [...this.tenants.keys()];
  }

  /** Callers and connections of a tenant told apart. */
  entriesOf(tenantId: string): number {
    const counts = this.tenants.get(tenantId) ?? new Map<string, never>();
    return [...counts.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** On the path of every token read. */
  add({ tenantId, tenantSlug, callerId, connection }: TokenRead, nowMs: number): void {
    const counts = this.tenants.get(tenantId) ?? putMap(this.tenants, tenantId);
    const hasRoom = this.entries < this.maxEntries;
    const counted =
      counts.get(callerId)?.get(connection) ?? (hasRoom ? undefined : counts.get(several)?.get(several));
    if (counted) {
      counted.count += 1;
      counted.toMs = nowMs;
      return;
    }
    const who = hasRoom ? { callerId, connection } : { callerId: null, connection: null };
    const caller = who.callerId ?? several;
    const first = { tenantSlug, ...who, count: 1, fromMs: nowMs, toMs: nowMs };
    (counts.get(caller) ?? putMap(counts, caller)).set(who.connection ?? several, first);
    this.entries += 1;
  }

  /** Takes some of a tenant's out. */
  take(tenantId: string, most: number): CountedReads[] {
    const counts = this.tenants.get(tenantId);
    if (!counts) return [];
    const taken: CountedReads[] = [];
    for (const [caller, ofCaller] of counts) {
      for (const [name, counted] of ofCaller) {
        if (taken.length === most) break;
        taken.push(counted);
        ofCaller.delete(name);
      }
      if (ofCaller.size > 0) break;
      counts.delete(caller);
    }
    this.entries -= taken.length;
    if (counts.size === 0) this.tenants.delete(tenantId);
    return taken;
  }
}

function putMap<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const made = new Map<string, Value>();
  maps.set(name, made);
  return made;
}
