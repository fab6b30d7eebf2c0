import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { inSpan, log, pastSpan } from '#observability';
import { ChangeFeed, type Claim, InFlight, isDatabaseOutage, TokenRepository } from '#vault';
import { Claims } from './claims.js';
import { RenewalLimits } from './limits/renewal-limits.js';
import { RunningRenewals } from './limits/running-renewals.js';
import { type AttemptOptions, RenewalAttempt } from './renewal-attempt.js';
import { fromAttempt, fromRefusal, type RenewalResult } from './renewal-result.js';
import type { RenewalTarget } from './renewal-target.js';

export interface RenewalOptions {
  /** Ask the provider even while a recent failure holds others back. */
  readonly insist?: boolean;
  /** Tell every replica to forget the token before. */
  readonly announce?: boolean;
}

/**
 * The one way to renew. A reader and the worker both end here: the replica that gets the lease asks the provider,
 * all others wait for the outcome. Once begun, a renewal goes on even when the caller has gone away.
 */
@Injectable()
export class Renewer implements BeforeApplicationShutdown {
  private readonly inFlight = new InFlight<RenewalResult>();

  constructor(
    private readonly claims: Claims,
    private readonly attempt: RenewalAttempt,
    private readonly running: RunningRenewals,
    private readonly limits: RenewalLimits,
    private readonly feed: ChangeFeed,
    private readonly tokens: TokenRepository,
  ) {}

  /** Renewals that this process has claimed and not finished. */
  get underWay(): number {
    return this.running.size;
  }

  renew(target: RenewalTarget, options: RenewalOptions = {}): Promise<RenewalResult> {
    return this.inFlight.join(keyOf(target, options), () =>
      renewalSpan(target, () => this.claimAndRun(target, options)),
    );
  }

  /**
   * Claims what is due and renews it.
   * @returns how many were claimed; the renewals go on by themselves
   */
  async renewDue(limit: number): Promise<number> {
    const beganAtMs = performance.now();
    const claims = await this.claims.claimDue(limit, this.limits.forClaim());
    const claimed = { beganAtMs, endedAtMs: performance.now() };
    for (const claim of claims) {
      // Its outcome is in the database; one that could not be written there is claimed again after the lease.
      // By its intent: a reader of this process may be waiting for this very lease under the target's key.
      this.inFlight
        .join(claim.intentId, () =>
          renewalSpan(claim, () => this.run(claim, claim.upstream, { inSlot: true }), claimed),
        )
        .catch((error: unknown) => {
          const { tenantId, connectionId } = claim;
          if (!isDatabaseOutage(error))
            log.error({ err: error, tenantId, connectionId }, 'could not write the outcome of a renewal');
        });
    }
    return claims.length;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.inFlight.drained();
  }

  private async claimAndRun(target: RenewalTarget, options: RenewalOptions): Promise<RenewalResult> {
    const { insist = false, announce = false } = options;
    const { tenantId, connectionId, upstream } = target;
    if (upstream !== undefined && !insist) {
      const openSeconds = this.limits.breakerOpenForSeconds({ tenantId, upstream });
      if (openSeconds !== undefined)
        return { kind: 'failed', lastError: null, retryAfterSeconds: openSeconds };
    }
    const claim = await inSpan('claim', {}, () => this.claims.claimOrWait(target, insist));
    if (!('refusal' in claim)) return this.run(claim, upstream, options);
    if (claim.refusal === 'renewed') {
      // Another replica has renewed it, perhaps unannounced: the cached token of the generation before may be dead.
      this.feed.tellHere({ kind: 'connection', id: connectionId });
      if (announce) await this.tokens.announce(connectionId);
    }
    return fromRefusal(claim);
  }

  private async run(
    claim: Claim,
    upstream: string | undefined,
    options: AttemptOptions,
  ): Promise<RenewalResult> {
    const result = await this.running.during(claim, upstream, async () => {
      const end = await this.attempt.run(claim, options);
      if (upstream !== undefined) this.limits.learn({ tenantId: claim.tenantId, upstream }, end);
      return end;
    });
    this.feed.tellHere({ kind: 'connection', id: claim.connectionId });
    return fromAttempt(result);
  }
}

/** A caller who asks for more than another does not join it. */
function keyOf(target: RenewalTarget, { insist = false, announce = false }: RenewalOptions): string {
  return `${target.connectionId} ${target.generation} ${insist} ${announce}`;
}

function renewalSpan(
  { tenantId, connectionId, generation }: RenewalTarget,
  work: () => Promise<RenewalResult>,
  claimed?: { readonly beganAtMs: number; readonly endedAtMs: number },
): Promise<RenewalResult> {
  const attributes = {
    'grantkeeper.tenant_id': tenantId,
    'grantkeeper.connection_id': connectionId,
    'grantkeeper.generation': generation,
  };
  const attempt = async (note: (end: { 'grantkeeper.outcome': string }) => void) => {
    if (claimed) pastSpan('claim', claimed);
    const result = await work();
    note({ 'grantkeeper.outcome': result.kind });
    return result;
  };
  return inSpan('renewal', attributes, attempt, claimed?.beganAtMs);
}
