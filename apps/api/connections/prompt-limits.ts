import { Inject, Injectable } from '@nestjs/common';
import { type Rate, RateLimiter } from '#access';
import { CLOCK, type Clock } from '#provider-kit';
import type { Connection } from '#vault';
import { Problem } from '../problem/problem.js';

const mostSubjects = 10_000;
/** Both hold. */
const rates: readonly Rate[] = [
  { burst: 5, perSecond: 1 / 30 },
  { burst: 10, perSecond: 10 / 3_600 },
];

/** How often a tenant may ask one person for consent on another device: a telephone is not a bell. */
@Injectable()
export class PromptLimits {
  private readonly limiters = rates.map((rate) => ({ rate, limiter: new RateLimiter(mostSubjects) }));

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Before the provider is asked to prompt somebody.
   * @param about its `subject` is the login hint; without one, its slug stands for whoever it is
   * @throws Problem `rate_limited`
   */
  count(tenantId: string, { subject, slug }: Pick<Connection, 'subject' | 'slug'>): void {
    const name = `${tenantId} ${subject === null ? `connection ${slug}` : personOf(subject)}`;
    const nowMs = this.clock.monotonicMs();
    const waitMs = Math.max(...this.limiters.map(({ limiter, rate }) => limiter.waitMs(name, rate, nowMs)));
    if (waitMs > 0) {
      throw new Problem('rate_limited', {
        detail: 'This person has been asked for consent too often lately.',
        retryAfterSeconds: Math.ceil(waitMs / 1_000),
      });
    }
    for (const { limiter, rate } of this.limiters) limiter.take(name, rate, nowMs);
  }
}

/** One telephone, however its number is written. */
function personOf(subject: string): string {
  return subject.replace(/^tel:/i, '').toLowerCase();
}
