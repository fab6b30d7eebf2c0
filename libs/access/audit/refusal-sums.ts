export interface RefusalSum<Who> {
  readonly who: Who;
  readonly count: number;
  /** Epoch milliseconds of the first and the last. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts by name, bounded: where there is no room for a name, it is counted with all others like it. */
export class RefusalSums<Who> {
  private sums = new Map<string, RefusalSum<Who>>();

  constructor(private readonly most: number) {}

  get names(): string[] {
    return [...this.sums.keys()];
  }

  add(name: string, otherwise: string, who: Who, others: Who, nowMs: number): void {
    const fits = this.sums.has(name) || this.sums.size < this.most;
    const once = { who: fits ? who : others, count: 1, fromMs: nowMs, toMs: nowMs };
    this.putBack(fits ? name : otherwise, once);
  }

  /** Counts those that `isMoved` under one name. */
  merge(into: string, isMoved: (name: string) => boolean): void {
    for (const [name, sum] of this.sums) {
      if (!isMoved(name)) continue;
      this.sums.delete(name);
      this.putBack(into, sum);
    }
  }

  takeAll(): [string, RefusalSum<Who>][] {
    const taken = [...this.sums];
    this.sums = new Map();
    return taken;
  }

  putBack(name: string, sum: RefusalSum<Who>): void {
    const there = this.sums.get(name);
    this.sums.set(
      name,
      there
        ? {
            who: there.who,
            count: there.count + sum.count,
            fromMs: Math.min(there.fromMs, sum.fromMs),
            toMs: Math.max(there.toMs, sum.toMs),
          }
        : sum,
    );
  }
}
