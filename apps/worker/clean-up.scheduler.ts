import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { release } from '#config';
import { log } from '#observability';
import { HousekeepingRepository } from '#vault';
import { Turns } from './turns.js';

const everyMs = 120_000;

/** While there is more to do, the next batch follows after a breath: nobody else should wait for locks or disk. */
const batch = { rows: 500, pauseMs: 100 };

/** Says which grants are about to end, and removes what has had its time. Several workers share the rows. */
@Injectable()
export class CleanUpScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;

  constructor(
    private readonly housekeeping: HousekeepingRepository,
    schedule: SchedulerRegistry,
  ) {
    this.turns = new Turns(schedule, 'clean-up', () => this.takeTurn());
  }

  onApplicationBootstrap(): void {
    this.turns.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.turns.stop();
  }

  /** @returns milliseconds to sleep */
  private async takeTurn(): Promise<number> {
    const noted = await this.done(() => this.housekeeping.noteExpiring(batch.rows));
    const unread = await this.done(() => this.housekeeping.readAgain(release, batch.rows));
    const removed = await this.done(() => this.housekeeping.cleanUp(batch.rows));
    return Math.max(noted, unread, removed) < batch.rows ? everyMs : batch.pauseMs;
  }

  /** A step that fails is tried again in the next turn, and the other steps of this turn go on. */
  private async done(work: () => Promise<number>): Promise<number> {
    try {
      return await work();
    } catch (error) {
      log.warn({ err: error }, 'clean-up failed, will retry');
      return 0;
    }
  }
}
