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
  /** The run under way, or the last one. */
  private current = Promise.resolve();
  /** The run that begins after the current one. */
  private next: Promise<void> | undefined;

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
    await (this.next ?? this.current);
  }

  /**
   * One at a time: begins after the one under way, which may have passed what this call is about, and is shared by all
   * who call before it begins. Resolves also when the database is away: then the next round does it.
   */
  run(): Promise<void> {
    this.next ??= this.current.then(() => {
      this.next = undefined;
      this.current = this.replayOnce();
      return this.current;
    });
    return this.next;
  }

  private async replayOnce(): Promise<void> {
    try {
      await this.replay.run();
    } catch (error) {
      if (!isDatabaseOutage(error))
        log.error({ err: error }, 'could not compare journals with the database, will retry');
    }
  }
}
