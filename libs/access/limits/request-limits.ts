import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#provider-kit';
import type { Principal } from '../principal.js';
import { refuseFor } from './failed-authentications.js';
import { RateLimiter } from './rate-limiter.js';

const mostNames = 10_000;

/** Requests per second of a tenant and of each of its callers, where its limits are set; counted by each replica. */
@Injectable()
export class RequestLimits {
  private readonly tenants = new RateLimiter(mostNames);
  private readonly callers = new RateLimiter(mostNames);

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Takes one request, unless there were too many.
   * @param nowMs on the monotonic clock
   * @returns how long until there may be one, milliseconds
   */
  take({ callerId, tenantId, limits }: Principal, nowMs = this.clock.monotonicMs()): number {
    if (!limits || tenantId === null) return 0;
    const { perSecond, perSecondOfCaller } = limits;
    if (perSecondOfCaller !== null) {
      const waitMs = this.callers.take(callerId, rateOf(perSecondOfCaller), nowMs);
      if (waitMs > 0) return waitMs;
    }
    return perSecond === null ? 0 : this.tenants.take(tenantId, rateOf(perSecond), nowMs);
  }

  /** @throws AccessError `rate_limited` */
  admit(principal: Principal): void {
    refuseFor(this.take(principal));
  }
}

function rateOf(perSecond: number) {
  return { perSecond, burst: perSecond };
}
