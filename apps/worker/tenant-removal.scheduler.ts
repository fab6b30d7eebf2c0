import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { log } from '#observability';
import { isDatabaseOutage, TenantRemovalRepository } from '#vault';
import { Turns } from './turns.js';

const everyMs = 5_000;

/** While there is more to do, the next turn follows after a breath: nobody else should wait for locks or disk. */
const turn = { timeMs: 1_000, pauseMs: 100 };

/** Removes what is left of large tenants whose deletion was answered with 202. Several workers share the rows. */
@Injectable()
export class TenantRemovalScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;

  constructor(
    private readonly removals: TenantRemovalRepository,
    schedule: SchedulerRegistry,
  ) {
    this.turns = new Turns(schedule, 'tenant-removal', () => this.takeTurn());
  }

  onApplicationBootstrap(): void {
    this.turns.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.turns.stop();
  }

  /** @returns milliseconds to sleep */
  private async takeTurn(): Promise<number> {
    try {
      return (await this.removals.goOn(turn.timeMs)) ? turn.pauseMs : everyMs;
    } catch (error) {
      if (!isDatabaseOutage(error)) log.warn({ err: error }, 'the removal of a tenant failed, will retry');
      return everyMs;
    }
  }
}
