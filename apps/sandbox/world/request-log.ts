import { Injectable } from '@nestjs/common';

/** Older requests are forgotten; the counts of `Tally` stay exact. */
const MAX_ENTRIES = 10_000;

export type Outcome =
  | 'in_flight'
  | 'answered'
  | 'dropped_before'
  | 'dropped_after'
  | 'truncated'
  | 'client_gone';

/** One request as it was on the wire, and what became of it. */
export interface RequestLogEntry {
  readonly id: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Pairs in the order and the case they came in. */
  readonly raw_headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly provider: string | null;
  readonly client_id: string | null;
  readonly grant_type: string | null;
  rule: string | null;
  status: number | null;
  outcome: Outcome;
  duration_ms: number | null;
}

export type RequestLogFilter = Partial<
  Record<'provider' | 'client_id' | 'path' | 'grant_type' | 'method', string | undefined>
>;

/** The last requests to the providers, kept in memory only: they hold secrets. */
@Injectable()
export class RequestLog {
  /** A ring: entry number n lives at n modulo its size. */
  readonly #ring: RequestLogEntry[] = [];
  #next = 0;

  open(facts: Omit<RequestLogEntry, 'id' | 'rule' | 'status' | 'outcome' | 'duration_ms'>): RequestLogEntry {
    const entry: RequestLogEntry = {
      id: this.#next + 1,
      ...facts,
      rule: null,
      status: null,
      outcome: 'in_flight',
      duration_ms: null,
    };
    this.#ring[this.#next % MAX_ENTRIES] = entry;
    this.#next += 1;
    return entry;
  }

  /** Oldest first; `limit` keeps the newest. */
  find(filter: RequestLogFilter, limit: number): readonly RequestLogEntry[] {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
    const found: RequestLogEntry[] = [];
    const oldest = Math.max(0, this.#next - MAX_ENTRIES);
    for (let number = this.#next - 1; number >= oldest && found.length < limit; number -= 1) {
      const entry = this.#ring[number % MAX_ENTRIES];
      if (entry === undefined) continue;
      if (wanted.every(([name, value]) => entry[name as keyof RequestLogFilter] === value)) found.push(entry);
    }
    return found.reverse();
  }

  reset(): void {
    this.#ring.length = 0;
    this.#next = 0;
  }
}
