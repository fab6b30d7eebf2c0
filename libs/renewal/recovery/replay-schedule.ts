import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { log } from '#observability';
import { ChangeFeed, isDatabaseOutage } from '#vault';
import { Replay } from './replay.js';

/** How often claims without an end are looked for; what an outage has kept back is written within this time. */
const everyMs = 2_000;

/**
 * Keeps the journals of this process and the database in step: before anything is claimed, after every time the
 * database was away, and every few seconds for what was lost on its way.
 */
@Injectable()
export class ReplaySchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly replay: Replay,
    feed: ChangeFeed,
  ) {
    feed.onChange((change) => {
      if (change === 'missed' && this.timer) void this.run();
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.run();
    this.timer = setInterval(() => void this.run(), everyMs);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.running;
  }

  /** One at a time. Resolves also when the database is away: then the next round does it. */
  run(): Promise<void> {
    this.running ??= this.replay
      .run()
      .then(
        () => undefined,
        (error: unknown) => {
          if (!isDatabaseOutage(error))
            log.error({ err: error }, 'could not compare journals with the database, will retry');
        },
      )
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }
}
