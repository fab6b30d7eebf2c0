import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { log } from '#observability';
import { isDatabaseOutage } from './database-outage.js';
import { DataKeyRepository } from './repositories/data-key.repository.js';

/** A process that is killed loses the blocks that it has begun since: one for each data key at most. */
const flushMs = 5_000;

/** Tells the database how often this process has sealed with each data key. */
@Injectable()
export class SealCountSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataKeys: DataKeyRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), flushMs);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private async flush(): Promise<void> {
    try {
      await this.dataKeys.tellSeals();
    } catch (error) {
      if (!isDatabaseOutage(error))
        log.warn({ err: error }, 'could not count the seals of data keys, will retry');
    }
  }
}
