import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#provider-kit';
import { CLOCK, type TokenReading, TokenRepository } from '#vault';
import { Renewer } from './renewer.js';
import { isFresh, type ServedToken, servedToken, type TokenAnswer, withoutToken } from './token-answer.js';
import { TokenCache } from './token-cache.js';

interface Reading {
  readonly reading: TokenReading;
  readonly token: ServedToken | undefined;
}

/**
 * Answers with a valid token while there is any way to have one: from memory, from the database, from a renewal, and
 * where that fails the old one until its last second.
 */
@Injectable()
export class TokenReader {
  constructor(
    private readonly cache: TokenCache,
    private readonly tokens: TokenRepository,
    private readonly renewer: Renewer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The cached token, if it is fresh: no I/O, for the shortest path. */
  readCached(tenantId: string, slug: string, minTtlSeconds: number): ServedToken | undefined {
    const token = this.cache.get(cacheKey(tenantId, slug));
    return token && isFresh(this.remainingMs(token), token.lifetimeMs, minTtlSeconds) ? token : undefined;
  }

  async read(tenantId: string, slug: string, minTtlSeconds: number): Promise<TokenAnswer> {
    const cached = this.readCached(tenantId, slug, minTtlSeconds);
    if (cached) return { kind: 'token', token: cached };
    try {
      return await this.readOrRenew(tenantId, slug, minTtlSeconds);
    } catch (error) {
      const kept = this.cache.getDuringOutage(cacheKey(tenantId, slug));
      if (kept && this.remainingMs(kept) > 0) return { kind: 'token', token: kept };
      throw error;
    }
  }

  private async readOrRenew(tenantId: string, slug: string, minTtlSeconds: number): Promise<TokenAnswer> {
    const first = await this.ask(tenantId, slug);
    if (!first) return { kind: 'not_found' };
    const { reading, token } = first;
    const valid = token !== undefined && this.remainingMs(token) > 0;
    const fresh = valid && isFresh(this.remainingMs(token), token.lifetimeMs, minTtlSeconds);
    const ended = reading.status === 'reauthorization_required' || reading.status === 'revoked';
    const heldBack = reading.retryInMs > 0 && !reading.leased;
    if (valid && (fresh || ended || heldBack)) return { kind: 'token', token };
    if (ended || reading.status === 'pending') return withoutToken(reading, 1);

    const target = { tenantId, connectionId: reading.connectionId, generation: reading.generation };
    const renewal = await this.renewer.renew(target);
    const second = await this.ask(tenantId, slug);
    if (!second) return { kind: 'not_found' };
    const moved = second.reading.generation > reading.generation;
    if (second.token && (moved || this.remainingMs(second.token) > 0))
      return { kind: 'token', token: second.token };
    return withoutToken(second.reading, renewal.kind === 'failed' ? renewal.retryAfterSeconds : 1);
  }

  private async ask(tenantId: string, slug: string): Promise<Reading | undefined> {
    const epoch = this.cache.epoch;
    const askedAtMs = this.clock.monotonicMs();
    const reading = await this.tokens.read(tenantId, slug);
    if (!reading) return undefined;
    const token = servedToken(tenantId, reading, askedAtMs);
    if (token) this.cache.put(cacheKey(tenantId, slug), token, askedAtMs, epoch);
    return { reading, token };
  }

  private remainingMs(token: ServedToken): number {
    return token.expiresAtMs - this.clock.monotonicMs();
  }
}

function cacheKey(tenantId: string, slug: string): string {
  return `${tenantId}/${slug}`;
}
