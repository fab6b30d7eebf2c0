import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { log } from '#observability';
import { DataKeyRepository } from '#vault';
import { Turns } from './turns.js';

const everyMs = 60_000;

/** Of one turn, and the breath before the next while there is more to do: a worker that ends waits no longer than this. */
const turn = { workMs: 1_000, pauseMs: 100 };

/** Replaces data keys that have sealed enough, and seals anew what older ones have sealed. Several workers may share it. */
@Injectable()
export class DataKeyScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;

  constructor(
    private readonly dataKeys: DataKeyRepository,
    schedule: SchedulerRegistry,
  ) {
    this.turns = new Turns(schedule, 'data-keys', () => this.takeTurn());
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
      return (await this.dataKeys.work(turn.workMs)) ? turn.pauseMs : everyMs;
    } catch (error) {
      log.warn({ err: error }, 'could not replace data keys, will retry');
      return everyMs;
    }
  }
}
