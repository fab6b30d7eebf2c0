import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import {
  Exchange,
  type ExchangeFailure,
  type ExchangePolicy,
  Journals,
  Spending,
  type SpendOptions,
} from '#exchange';
import { log } from '#observability';
import type { Clock } from '#provider-kit';
import {
  CLOCK,
  type Claim,
  type ClaimRefused,
  isDatabaseOutage,
  type LastError,
  type Lease,
  RenewalRepository,
  TokenRepository,
} from '#vault';
import { InFlight } from './in-flight.js';
import { Pressure } from './pressure.js';
import { renewalPolicy } from './renewal-policy.js';
import { TokenCache } from './token-cache.js';

export interface RenewalTarget {
  readonly tenantId: string;
  readonly connectionId: string;
  /** The generation found too old; when the connection has moved on, nothing is renewed. */
  readonly generation: number;
  /** Where it is known: while nothing comes back from there, nothing is sent. */
  readonly upstream?: string;
}

export interface RenewalOptions {
  /** Ask the provider even while a recent failure holds others back. */
  readonly insist?: boolean;
  /** Tell every replica to forget the token before. */
  readonly announce?: boolean;
}

export type RenewalResult =
  | { readonly kind: 'renewed' }
  /** The provider waits for its user. */
  | { readonly kind: 'pending'; readonly retryAfterSeconds: number }
  | {
      readonly kind: 'failed';
      readonly lastError: LastError | null;
      readonly retryAfterSeconds: number;
      /** All renewals are held until an administrator releases them. */
      readonly held?: true;
      /** Present when this very call asked the provider. */
      readonly failure?: ExchangeFailure;
    }
  /** The connection must be authorised again. */
  | { readonly kind: 'ended'; readonly failure?: ExchangeFailure }
  | { readonly kind: 'gone' };

/** A person has to decide first. */
const heldRetrySeconds = 30;

/** How often a replica looks whether another one has finished. */
const pollMs = { first: 25, most: 200 };

/**
 * The one way to renew. A reader and the worker both end here; whoever gets the lease asks the provider, everybody
 * else waits for the outcome. Once begun, a renewal goes on even when the caller has gone away.
 */
@Injectable()
export class Renewer implements BeforeApplicationShutdown {
  private readonly policy: ExchangePolicy;
  private readonly inFlight = new InFlight<RenewalResult>();

  constructor(
    private readonly renewals: RenewalRepository,
    private readonly exchange: Exchange,
    private readonly journals: Journals,
    private readonly spending: Spending,
    private readonly pressure: Pressure,
    private readonly cache: TokenCache,
    private readonly tokens: TokenRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.policy = renewalPolicy(settings);
  }

  get underWay(): number {
    return this.inFlight.size;
  }

  renew(target: RenewalTarget, options: RenewalOptions = {}): Promise<RenewalResult> {
    return this.inFlight.join(keyOf(target, options), () => this.claimOrWait(target, options));
  }

  /**
   * Claims what is due and renews it.
   * @returns how many were claimed; the renewals go on by themselves
   */
  async renewDue(limit: number): Promise<number> {
    const claims = await this.renewals.claimDue(limit, this.lease, this.pressure.forClaim());
    for (const claim of claims) {
      // Its end is in the database; what could not be written there is claimed again once the lease has run out.
      // By its intent: a reader of this process may be waiting for just this lease under the target's key.
      this.inFlight
        .join(claim.intentId, () => this.spend(claim, claim.upstream, { inSlot: true }))
        .catch((error: unknown) => {
          const { tenantId, connectionId } = claim;
          if (!isDatabaseOutage(error))
            log.error({ err: error, tenantId, connectionId }, 'the end of a renewal could not be written');
        });
    }
    return claims.length;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.inFlight.drained();
  }

  private get lease(): Lease {
    return {
      owner: this.spending.owner,
      journalId: this.journals.ownId,
      seconds: this.exchange.leaseSeconds,
      graceSeconds: this.settings.journalGraceSeconds,
    };
  }

  private async claimOrWait(target: RenewalTarget, options: RenewalOptions): Promise<RenewalResult> {
    const spared =
      target.upstream === undefined || options.insist
        ? undefined
        : this.pressure.sparedForSeconds({ ...target, upstream: target.upstream });
    if (spared !== undefined) return { kind: 'failed', lastError: null, retryAfterSeconds: spared };
    const waitUntilMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs + 2_000;
    let claim = await this.renewals.claim(target, { ...this.lease, insist: options.insist ?? false });
    for (let delayMs = pollMs.first; isLeased(claim); delayMs = Math.min(delayMs * 1.5, pollMs.most)) {
      if (this.clock.monotonicMs() > waitUntilMs) break;
      await sleep(delayMs);
      // Whoever held the lease has asked the provider just now: a second opinion is not insisted on.
      claim = await this.renewals.claim(target, this.lease);
    }
    if (!('refusal' in claim)) return this.spend(claim, target.upstream, options);
    if (claim.refusal === 'renewed') await this.forget(target, options);
    return refused(claim);
  }

  /** Somebody else has renewed it, perhaps without a word: what is cached of the generation before may be dead. */
  private async forget({ connectionId }: RenewalTarget, { announce = false }: RenewalOptions): Promise<void> {
    this.cache.drop(connectionId);
    if (announce) await this.tokens.announce(connectionId);
  }

  private async spend(
    claim: Claim,
    upstream: string | undefined,
    options: SpendOptions,
  ): Promise<RenewalResult> {
    const work = () => this.exchange.spend(claim, this.policy, options);
    const result = await (upstream === undefined
      ? work()
      : this.pressure.count({ tenantId: claim.tenantId, upstream }, work));
    this.cache.drop(claim.connectionId);
    switch (result.kind) {
      case 'committed':
      case 'superseded':
        return { kind: 'renewed' };
      case 'gone':
        return { kind: 'gone' };
      case 'returned':
        return { kind: 'failed', lastError: null, retryAfterSeconds: 1 };
      case 'pending':
        return { kind: 'pending', retryAfterSeconds: result.retryInSeconds };
      case 'failed':
        if (result.failure.class === 'terminal') return { kind: 'ended', failure: result.failure };
        return { ...result, retryAfterSeconds: Math.ceil(result.holdBackSeconds) };
    }
  }
}

/** Who asks for more than others does not join them. */
function keyOf(target: RenewalTarget, { insist = false, announce = false }: RenewalOptions): string {
  return `${target.connectionId} ${target.generation} ${insist} ${announce}`;
}

function isLeased(claim: Claim | ClaimRefused): boolean {
  return 'refusal' in claim && claim.refusal === 'leased';
}

function refused(claim: ClaimRefused): RenewalResult {
  switch (claim.refusal) {
    case 'renewed':
      return { kind: 'renewed' };
    case 'ended':
      return { kind: 'ended' };
    case 'gone':
      return { kind: 'gone' };
    case 'held':
      return { kind: 'failed', lastError: claim.lastError, retryAfterSeconds: heldRetrySeconds, held: true };
    default: {
      const retryAfterSeconds = Math.max(1, Math.ceil(claim.retryInMs / 1_000));
      return { kind: 'failed', lastError: claim.lastError, retryAfterSeconds };
    }
  }
}
