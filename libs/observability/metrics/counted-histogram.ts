import type { MetricObjectWithValues, MetricValueWithName } from 'prom-client';

/** A histogram without labels, for the token path: an observation is an addition, not the making of a key. */
export class CountedHistogram {
  private readonly counts: number[];
  private sum = 0;

  /** @param bounds upper bounds, rising */
  constructor(
    readonly name: string,
    private readonly help: string,
    private readonly bounds: readonly number[],
  ) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }

  async get(): Promise<MetricObjectWithValues<MetricValueWithName<'le'>>> {
    let total = 0;
    const buckets = this.counts.map((count, at) => {
      total += count;
      return { metricName: `${this.name}_bucket`, labels: { le: this.bounds[at] ?? '+Inf' }, value: total };
    });
    const values = [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: {}, value: this.sum },
      { metricName: `${this.name}_count`, labels: {}, value: total },
    ];
    return { name: this.name, help: this.help, type: 'histogram', aggregator: 'sum', values } as never;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
  }
}
