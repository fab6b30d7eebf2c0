import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DeliveryDispatcher } from '#events';
import { log } from '#observability';
import { DeliveryRepository } from '#vault';
import { Turns } from './turns.js';

/** Deliveries one worker has under way at most; a webhook has eight of them, and one while it fails. */
const maxUnderWay = 256;

/** It looks again when the next delivery falls due, between these bounds. */
const wakeUpMs = { least: 20, most: 1_000 };

/** While something is under way its end may make room for what waits behind it. */
const busyMs = 50;

/** Drives `dispatchDue`: claims what is due, and sleeps until the next is. Holds no state that another replica needs. */
@Injectable()
export class WebhookScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;

  constructor(
    private readonly dispatcher: DeliveryDispatcher,
    private readonly deliveries: DeliveryRepository,
    schedule: SchedulerRegistry,
  ) {
    this.turns = new Turns(schedule, 'deliver-due', () => this.takeTurn());
  }

  onApplicationBootstrap(): void {
    this.turns.start();
  }

  /** Stops claiming; what is under way is the dispatcher's to finish. */
  onModuleDestroy(): Promise<void> {
    return this.turns.stop();
  }

  /** @returns milliseconds to sleep */
  private async takeTurn(): Promise<number> {
    try {
      const free = maxUnderWay - this.dispatcher.underWay;
      if (free <= 0) return busyMs;
      if ((await this.dispatcher.dispatchDue(free)) > 0) return wakeUpMs.least;
      const untilDueMs = (await this.deliveries.msUntilDue()) ?? wakeUpMs.most;
      const most = this.dispatcher.underWay > 0 ? busyMs : wakeUpMs.most;
      return Math.min(most, Math.max(wakeUpMs.least, Math.ceil(untilDueMs)));
    } catch (error) {
      log.warn({ err: error }, 'could not claim due webhook deliveries, will retry');
      return wakeUpMs.most;
    }
  }
}
