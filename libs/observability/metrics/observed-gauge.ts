import { Gauge } from 'prom-client';
import { registry } from './registry.js';

type Observation = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A gauge that is read from its source when it is asked for. A source that is given later takes the place of the one before. */
export class ObservedGauge {
  private readonly sources = new Map<string, () => Iterable<Observation>>();

  constructor(name: string, help: string, labelNames: readonly string[] = []) {
    const { sources } = this;
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const source of sources.values()) {
          for (const [labels, value] of source()) this.set(labels, value);
        }
      },
    });
  }

  /** @param name of the source, where a gauge has several */
  observe(source: () => Iterable<Observation>, name = ''): void {
    this.sources.set(name, source);
  }
}
