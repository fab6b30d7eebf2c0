import { Injectable } from '@nestjs/common';
import { log, metricsText, setInstallationCounts } from '#observability';
import { InFlight, InstallationRepository } from '#vault';

/** The database is asked once in that time, however many scrape, milliseconds. */
const countedForMs = 5_000;

/** The answer to a scrape: this process's own metrics, and the numbers of the installation. */
@Injectable()
export class Metrics {
  private readonly counting = new InFlight<void>();
  private countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly installation: InstallationRepository) {}

  /** While the database is away the numbers of the installation stay as they were; the rest is as it is. */
  async text(): Promise<string> {
    if (performance.now() - this.countedAtMs > countedForMs) {
      await this.counting
        .join('', () => this.count())
        .catch((error: unknown) => {
          log.warn({ err: error }, 'could not count the connections for the metrics');
        });
    }
    return metricsText();
  }

  private async count(): Promise<void> {
    setInstallationCounts(await this.installation.counts());
    this.countedAtMs = performance.now();
  }
}
