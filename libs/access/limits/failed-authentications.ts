import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#provider-kit';
import { AccessError } from '../access.errors.js';
import { addressBlock } from './address-block.js';
import { type Rate, RateLimiter } from './rate-limiter.js';

const mostNames = 10_000;
/** Of one address, whatever it sent. */
const perAddress: Rate = { burst: 200, perSecond: 2 };
/** Different keys that begin alike. */
const perPrefix: Rate = { burst: 20, perSecond: 0.1 };
/** Questions to the database that found no key, of this process. */
const questions: Rate = { burst: 50, perSecond: 0.5 };
const allQuestions = 'all';

/** `gk_`, the role's letter and 35 bits of the key; of an operator's own key as many characters. */
const prefixLength = 11;

/** How often callers may come with what is no key. Only failures count, so that a good key is never in the way. */
@Injectable()
export class FailedAuthentications {
  private readonly addresses = new RateLimiter(mostNames);
  private readonly prefixes = new RateLimiter(mostNames);
  private readonly asked = new RateLimiter(1);

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Counts one failure of an address.
   * @throws AccessError `rate_limited` where there were too many before
   */
  count(address: string): void {
    refuseFor(this.addresses.take(addressBlock(address), perAddress, this.clock.monotonicMs()));
  }

  /**
   * Before somebody else is asked on behalf of an address.
   * @throws AccessError `rate_limited` where it has failed too often
   */
  refuseAfterMany(address: string): void {
    refuseFor(this.addresses.waitMs(addressBlock(address), perAddress, this.clock.monotonicMs()));
  }

  /** Before the database is asked about a bearer nobody knows yet. @returns how long that must wait, milliseconds */
  beginQuestion(bearer: string, address: string): number {
    const nowMs = this.clock.monotonicMs();
    const waitMs = Math.max(
      this.addresses.waitMs(addressBlock(address), perAddress, nowMs),
      this.prefixes.waitMs(prefixOf(bearer), perPrefix, nowMs),
    );
    return waitMs > 0 ? waitMs : this.asked.take(allQuestions, questions, nowMs);
  }

  /** The database knew the key. */
  takeBackQuestion(): void {
    this.asked.giveBack(allQuestions, questions);
  }

  /** The database did not know the key: counts for all that begin like it. */
  countUnknown(bearer: string): void {
    this.prefixes.take(prefixOf(bearer), perPrefix, this.clock.monotonicMs());
  }
}

/** @throws AccessError `rate_limited` unless there is nothing to wait for */
export function refuseFor(waitMs: number): void {
  if (waitMs > 0) throw new AccessError('rate_limited', Math.ceil(waitMs / 1_000));
}

function prefixOf(bearer: string): string {
  return bearer.slice(0, prefixLength);
}
