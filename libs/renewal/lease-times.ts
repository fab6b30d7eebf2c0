import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock } from '#provider-kit';
import { type Claim } from '#vault';

/** The lease outlives the hard deadline of the call by this: time to write down how it ended. */
const marginSeconds = 5;

/** So long before its end a lease counts as over: the clocks of two processes differ in pace. */
const safetyMs = 1_000;

/** The instants of one claim, on the database's clock and on this process's monotonic clock. */
@Injectable()
export class LeaseTimes {
  /** Seconds a claim must be leased for one attempt. */
  readonly leaseSeconds: number;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.leaseSeconds = settings.upstreamTimeoutMs / 1_000 + marginSeconds;
  }

  /** When a request that is sent now must be over, monotonic: no byte is sent once the lease is about to end. */
  deadlineMs(claim: Claim): number {
    return Math.min(this.clock.monotonicMs() + this.settings.upstreamTimeoutMs, this.latestMs(claim));
  }

  /** How long a claim can wait before it is sent, so that its lease still covers a whole call. */
  mostWaitMs(claim: Claim): number {
    return this.latestMs(claim) - this.settings.upstreamTimeoutMs - this.clock.monotonicMs();
  }

  /** The database's clock now, as far as the claim tells: never ahead of it. */
  databaseNow(claim: Claim): Date {
    return new Date(claim.claimedAt.getTime() + Math.max(0, this.clock.monotonicMs() - claim.answeredAtMs));
  }

  private latestMs(claim: Claim): number {
    return claim.askedAtMs + this.leaseSeconds * 1_000 - safetyMs;
  }
}

export function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1_000);
}
