import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { breakersOpen } from '#observability';
import { breakdownCodes, CLOCK, type Clock, notAskedCodes } from '#provider-kit';
import { type ClaimLimits, type Partition, partitionName } from '#vault';
import type { AttemptResult } from '../attempt-result.js';
import { afterBreakdown, allowance, type Breaker, closed, isOutdated } from './breaker.js';
import { RunningRenewals } from './running-renewals.js';

/** How often the breakers are searched for those that nobody needs any more. */
const forgetEveryMs = 60_000;

/**
 * How many renewals this process may begin: so many of one tenant, so many at one upstream, and none in a partition
 * whose breaker is open. A partition is one tenant at one upstream, so a tenant whose own server is broken opens its
 * own breaker only.
 */
@Injectable()
export class RenewalLimits {
  /** Of partitions that have failed lately. */
  private readonly breakers = new Map<string, Breaker>();
  private forgetAtMs = 0;

  constructor(
    private readonly running: RunningRenewals,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    breakersOpen.observe(() => this.openBreakers());
  }

  /** For `claim_due`, which must keep to them. */
  forClaim(): ClaimLimits {
    const { perTenant, perUpstream } = this.settings.renewalLimits;
    this.forgetOutdated();
    const { tenants, upstreams, partitions } = this.counts();
    const open = [...this.breakers].filter(([, { openUntilMs }]) => openUntilMs !== null);
    return {
      tenants: Object.fromEntries(tenants),
      upstreams: Object.fromEntries(
        [...upstreams].map(([upstream, underWay]) => [upstream, Math.max(0, perUpstream - underWay)]),
      ),
      partitions: Object.fromEntries(
        open.map(([name, breaker]) => [name, this.allowance(breaker, partitions.get(name) ?? 0)]),
      ),
      tenantLimit: perTenant,
      upstreamLimit: perUpstream,
    };
  }

  /**
   * Seconds a caller must do without the provider because the breaker is open; undefined when the provider may be
   * asked. The limits on how many run at once never keep a caller who waits for a token.
   */
  breakerOpenForSeconds(partition: Partition): number | undefined {
    const name = partitionName(partition);
    const breaker = this.breakers.get(name);
    if (!breaker || this.allowance(breaker, this.counts().partitions.get(name) ?? 0) > 0) return undefined;
    const waitMs = (breaker.openUntilMs ?? 0) - this.clock.monotonicMs();
    return Math.max(1, Math.ceil(waitMs / 1_000));
  }

  /** Opens or closes the breaker of a partition by how an attempt in it ended. */
  learn(partition: Partition, result: AttemptResult): void {
    if (result.kind === 'gone' || result.kind === 'returned') return;
    const code = result.kind === 'failed' ? result.failure.code : undefined;
    if (code !== undefined && notAskedCodes.has(code)) return;
    const name = partitionName(partition);
    if (code === undefined || !breakdownCodes.has(code)) {
      this.breakers.delete(name);
      return;
    }
    const { breakerFailures: failures, breakerMaxSeconds: maxSeconds } = this.settings.renewalLimits;
    this.forgetOutdated();
    const before = this.breakers.get(name) ?? closed;
    this.breakers.set(name, afterBreakdown(before, { failures, maxSeconds }, this.clock.monotonicMs()));
  }

  private *openBreakers() {
    const counts = new Map<string, number>();
    for (const [name, { openUntilMs }] of this.breakers) {
      if (openUntilMs !== null) addOne(counts, providerOf(name));
    }
    for (const [provider, count] of counts) yield [{ provider }, count] as const;
  }

  /** Tenants come and go: a breaker that once opened must not be kept, and sent with each claim, for ever. */
  private forgetOutdated(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.forgetAtMs) return;
    this.forgetAtMs = nowMs + forgetEveryMs;
    const { partitions } = this.counts();
    for (const [name, breaker] of this.breakers) {
      if (!partitions.has(name) && isOutdated(breaker, nowMs)) this.breakers.delete(name);
    }
  }

  private allowance(breaker: Breaker, underWay: number): number {
    const allowed = allowance(breaker, underWay, this.clock.monotonicMs());
    return Math.min(allowed, this.settings.renewalLimits.perUpstream);
  }

  /** Renewals under way whose upstream is known, by tenant, upstream and partition. */
  private counts() {
    const tenants = new Map<string, number>();
    const upstreams = new Map<string, number>();
    const partitions = new Map<string, number>();
    for (const { tenantId, upstream } of this.running.list()) {
      if (upstream === undefined) continue;
      addOne(tenants, tenantId);
      addOne(upstreams, upstream);
      addOne(partitions, partitionName({ tenantId, upstream }));
    }
    return { tenants, upstreams, partitions };
  }
}

/** Every upstream begins with the id of its provider. */
function providerOf(partition: string): string {
  const [, upstream = ''] = partition.split(' ');
  return upstream.split('/')[0] ?? '';
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
