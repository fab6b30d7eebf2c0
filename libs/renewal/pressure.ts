import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import type { ExchangeResult } from '#exchange';
import type { Clock } from '#provider-kit';
import { CLOCK, type ClaimPressure, type Lane, laneName } from '#vault';
import { afterBreakdown, allowance, type Breaker, closed, isOutdated } from './breaker.js';

/** Codes that say something of the provider, not of the one request. */
const breakdowns = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'connection_dropped',
  'server_error',
  'temporarily_unavailable',
]);

/** Codes that end a renewal before the provider is asked for tokens. */
const unasked = new Set([
  'journal_unavailable',
  'secret_unreadable',
  'not_renewable',
  'internal_error',
  'egress_refused',
  'discovery_failed',
]);

/** How often breakers are gone through for those that nobody needs any more. */
const forgetEveryMs = 60_000;

/**
 * How hard this process presses: how many renewals of a tenant, and at an upstream, are under way, and which lanes are
 * left alone because nothing comes back from them. A tenant whose own server is broken opens its own breaker only.
 */
@Injectable()
export class Pressure {
  private readonly tenants = new Map<string, number>();
  private readonly upstreams = new Map<string, number>();
  private readonly lanes = new Map<string, number>();
  /** Of lanes that have failed lately. */
  private readonly breakers = new Map<string, Breaker>();
  private forgetAtMs = 0;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** What `claim_due` must heed. */
  forClaim(): ClaimPressure {
    const { perTenant, perUpstream } = this.settings.pressure;
    this.forgetOutdated();
    return {
      tenants: Object.fromEntries(this.tenants),
      upstreams: mapped(this.upstreams, (_, underWay) => Math.max(0, perUpstream - underWay)),
      lanes: mapped(this.openBreakers(), (lane, breaker) => this.allowance(lane, breaker)),
      tenantLimit: perTenant,
      upstreamLimit: perUpstream,
    };
  }

  /**
   * Seconds a caller must do without the provider; undefined when it may be asked. Our own limits never keep a caller
   * who waits for a token.
   */
  sparedForSeconds(lane: Lane): number | undefined {
    const name = laneName(lane);
    const breaker = this.breakers.get(name);
    if (!breaker || this.allowance(name, breaker) > 0) return undefined;
    return Math.max(1, Math.ceil(this.waitMs(breaker) / 1_000));
  }

  /** Counts one renewal from its claim to its end, and learns from that end. */
  async count(lane: Lane, work: () => Promise<ExchangeResult>): Promise<ExchangeResult> {
    const counted = [
      [this.tenants, lane.tenantId],
      [this.upstreams, lane.upstream],
      [this.lanes, laneName(lane)],
    ] as const;
    for (const [counts, key] of counted) add(counts, key, 1);
    try {
      const result = await work();
      this.learn(laneName(lane), result);
      return result;
    } finally {
      for (const [counts, key] of counted) add(counts, key, -1);
    }
  }

  private learn(lane: string, result: ExchangeResult): void {
    if (result.kind === 'gone' || result.kind === 'returned') return;
    if (result.kind !== 'failed') {
      this.breakers.delete(lane);
      return;
    }
    const { code } = result.failure;
    if (unasked.has(code)) return;
    if (!breakdowns.has(code)) {
      this.breakers.delete(lane);
      return;
    }
    const { breakerFailures: failures, breakerMaxSeconds: maxSeconds } = this.settings.pressure;
    this.forgetOutdated();
    const before = this.breakers.get(lane) ?? closed;
    this.breakers.set(lane, afterBreakdown(before, { failures, maxSeconds }, this.clock.monotonicMs()));
  }

  /** Tenants come and go: what broke down once must not be kept, and told to each claim, for ever. */
  private forgetOutdated(): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.forgetAtMs) return;
    this.forgetAtMs = nowMs + forgetEveryMs;
    for (const [lane, breaker] of this.breakers) {
      if (!this.lanes.has(lane) && isOutdated(breaker, nowMs)) this.breakers.delete(lane);
    }
  }

  private allowance(lane: string, breaker: Breaker): number {
    const allowed = allowance(breaker, this.lanes.get(lane) ?? 0, this.clock.monotonicMs());
    return Math.min(allowed, this.settings.pressure.perUpstream);
  }

  private openBreakers(): Map<string, Breaker> {
    return new Map([...this.breakers].filter(([, { openUntilMs }]) => openUntilMs !== null));
  }

  private waitMs({ openUntilMs }: Breaker): number {
    return Math.max(0, (openUntilMs ?? 0) - this.clock.monotonicMs());
  }
}

function mapped<T>(
  map: ReadonlyMap<string, T>,
  value: (key: string, item: T) => number,
): Record<string, number> {
  return Object.fromEntries([...map].map(([key, item]) => [key, value(key, item)]));
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
