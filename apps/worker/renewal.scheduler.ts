import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { InjectSettings, type Settings } from '#config';
import { log } from '#observability';
import { Renewer } from '#renewal';
import { RenewalRepository } from '#vault';
import { Turns } from './turns.js';

/** It looks again when the next connection falls due, between these bounds. */
const wakeUpMs = { least: 20, most: 500 };

/** While what is due must wait (an open breaker, the renewal hold), the worker looks again only after this. */
const waitingMs = 100;

/** How soon it looks for slots that have become free while there is more to do than slots. */
const slotMs = 2;

/** Under way at most, for each that can be sent at once: the others are loaded and wait for their slot, or are written down. */
const claimedAhead = 3;

/** Drives `renewDue`: claims what is due, and sleeps until the next is. Holds no state that another replica needs. */
@Injectable()
export class RenewalScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;
  /** There was more due than could be claimed. */
  private isBehind = false;
  private claimedAtMs = 0;

  constructor(
    private readonly renewer: Renewer,
    private readonly renewals: RenewalRepository,
    schedule: SchedulerRegistry,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.turns = new Turns(schedule, 'renew-due', () => this.takeTurn());
  }

  onApplicationBootstrap(): void {
    this.turns.start();
  }

  /** Stops claiming; what is under way is the renewer's to finish. */
  onModuleDestroy(): Promise<void> {
    return this.turns.stop();
  }

  /**
   * While it is behind, a claim is worth its statement once as many can be claimed as can be sent at once, or some time has
   * passed: a claim of 64 takes little longer than one of 32.
   */
  private waitsForMore(free: number): boolean {
    if (!this.isBehind || performance.now() - this.claimedAtMs > waitingMs) return false;
    return free < this.settings.renewalLimits.renewals;
  }

  /** @returns milliseconds to sleep */
  private async takeTurn(): Promise<number> {
    try {
      const free = claimedAhead * this.settings.renewalLimits.renewals - this.renewer.underWay;
      if (free <= 0 || this.waitsForMore(free)) return slotMs;
      this.claimedAtMs = performance.now();
      const claimed = await this.renewer.renewDue(free);
      this.isBehind = claimed === free;
      if (this.isBehind) return slotMs;
      const untilDueMs = (await this.renewals.msUntilDue()) ?? wakeUpMs.most;
      if (claimed === 0 && untilDueMs <= 0) return waitingMs;
      return Math.min(wakeUpMs.most, Math.max(wakeUpMs.least, Math.ceil(untilDueMs)));
    } catch (error) {
      log.warn({ err: error }, 'could not claim due connections, will retry');
      return wakeUpMs.most;
    }
  }
}
