import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '#testing';

/** Looks at the generation of every connection, many times a second, for one that goes back or a row that goes away. */
export class GenerationWatch {
  readonly regressions: string[] = [];
  looks = 0;

  private readonly highest = new Map<string, number>();
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly database: Pick<TestDatabase, 'query'>) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.look();
      await sleep(25);
    }
    await this.look();
  }

  private async look(): Promise<void> {
    const rows = await this.database.query<{ slug: string; generation: number }>(
      'select slug, generation from gk.connections',
    );
    this.looks += 1;
    const now = new Map(rows.map(({ slug, generation }) => [slug, generation]));
    for (const [slug, before] of this.highest) {
      const generation = now.get(slug);
      if (generation === undefined || generation < before) {
        this.regressions.push(`${slug}: ${before} to ${generation ?? 'nothing'}`);
      }
    }
    for (const [slug, generation] of now) this.highest.set(slug, generation);
  }
}
