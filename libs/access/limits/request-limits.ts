import { Inject, Injectable } from '@nestjs/common';
import { countRequestLimited, log } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import type { Principal } from '../principal.js';
import { refuseFor } from './failed-authentications.js';
import { type Limit, RateLimiter, takeFrom } from './rate-limiter.js';

const mostNames = 10_000;
const sayAgainAfterMs = 60_000;

/** Requests per second of a tenant and of each of its callers, where its limits are set; counted by each replica. */
@Injectable()
export class RequestLimits {
  private readonly tenants = new RateLimiter(mostNames);
  private readonly callers = new RateLimiter(mostNames);

  private sayNextAtMs = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * For the requests of one caller, who is looked up once for those of a moment. Each call takes one request, unless there were
   * too many, at a time on the monotonic clock, and says how long until there may be one, milliseconds.
   */
  takerFor(principal: Principal): (nowMs: number) => number {
    const { callerId, tenantId, limits } = principal;
    if (!limits || tenantId === null) return () => 0;
    const caller = limitOf(this.callers, callerId, limits.perSecondOfCaller);
    const tenant = limitOf(this.tenants, tenantId, limits.perSecond);
    return (nowMs) => {
      const callerWaitMs = caller ? takeFrom(caller, nowMs) : 0;
      if (callerWaitMs > 0) return this.refused(principal, 'caller', callerWaitMs);
      const tenantWaitMs = tenant ? takeFrom(tenant, nowMs) : 0;
      return tenantWaitMs > 0 ? this.refused(principal, 'tenant', tenantWaitMs) : 0;
    };
  }

  /** @throws AccessError `rate_limited` */
  admit(principal: Principal): void {
    refuseFor(this.takerFor(principal)(this.clock.monotonicMs()));
  }

  /** Counts each, and names one of them a minute: the one who asks most is the likeliest to be named. */
  private refused({ callerId, tenantSlug }: Principal, limit: 'tenant' | 'caller', waitMs: number): number {
    countRequestLimited(limit);
    const nowMs = this.clock.monotonicMs();
    if (nowMs >= this.sayNextAtMs) {
      this.sayNextAtMs = nowMs + sayAgainAfterMs;
      log.warn({ tenant: tenantSlug, caller: callerId, limit }, 'requests are over a limit');
    }
    return waitMs;
  }
}

function limitOf(limiter: RateLimiter, name: string, perSecond: number | null): Limit | undefined {
  return perSecond === null ? undefined : limiter.limitOf(name, { perSecond, burst: perSecond });
}
