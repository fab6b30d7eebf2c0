import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { JournalSet } from '#journal';
import { CLOCK, type Clock } from '#provider-kit';
import {
  type Claim,
  type ClaimLimits,
  type ClaimRefused,
  type DueClaim,
  type Lease,
  RenewalRepository,
} from '#vault';
import { LeaseTimes } from './lease-times.js';
import { RunningRenewals } from './limits/running-renewals.js';
import type { RenewalTarget } from './renewal-target.js';

/** How often a replica looks whether another one has finished. */
const pollMs = { first: 25, most: 200 };

/** Leases connections to this process, in the name of its journal. */
@Injectable()
export class Claims {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly journals: JournalSet,
    private readonly running: RunningRenewals,
    private readonly times: LeaseTimes,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** Leases one connection; while another replica has the lease, waits for what comes of it. */
  async claimOrWait(target: RenewalTarget, insist: boolean): Promise<Claim | ClaimRefused> {
    const waitUntilMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs + 2_000;
    let claim = await this.renewals.claim(target, { ...this.lease, insist });
    for (let delayMs = pollMs.first; isLeased(claim); delayMs = Math.min(delayMs * 1.5, pollMs.most)) {
      if (this.clock.monotonicMs() > waitUntilMs) break;
      await sleep(delayMs);
      // The holder of the lease has asked the provider just now: nobody insists on a second answer.
      claim = await this.renewals.claim(target, this.lease);
    }
    return claim;
  }

  /** Leases up to so many connections that are due, as far as the limits allow. */
  claimDue(limit: number, limits: ClaimLimits): Promise<DueClaim[]> {
    return this.renewals.claimDue(limit, this.lease, limits);
  }

  private get lease(): Lease {
    return {
      owner: this.running.owner,
      journalId: this.journals.ownId,
      seconds: this.times.leaseSeconds,
      graceSeconds: this.settings.journalGraceSeconds,
    };
  }
}

function isLeased(claim: Claim | ClaimRefused): boolean {
  return 'refusal' in claim && claim.refusal === 'leased';
}
