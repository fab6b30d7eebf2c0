import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { cacheEntries } from '#observability';
import { CLOCK, type Clock, PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { isFresh, type RenewalResult, Renewer } from '#renewal';
import {
  type Asked,
  ChangeFeed,
  type HeardCache,
  InFlight,
  isDatabaseOutage,
  type TokenReading,
  TokenRepository,
} from '#vault';
import { ReadNotes } from './read-notes.js';
import { type ServedToken, servedToken, type TokenAnswer, withoutToken } from './token-answer.js';
import { tokenCache } from './token-cache.js';

/** How long a reader waits for the database while this replica hears nothing from it. */
const silentMs = 1_000;

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
  private readonly cache: HeardCache<ServedToken>;
  private readonly asking = new InFlight<Reading | undefined>();

  constructor(
    private readonly feed: ChangeFeed,
    private readonly notes: ReadNotes,
    private readonly tokens: TokenRepository,
    private readonly renewer: Renewer,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {
    this.cache = tokenCache(feed, clock, settings);
    cacheEntries.observe(() => [[{ cache: 'tokens' }, this.cache.size]], 'tokens');
  }

  /** The cached token, if it is fresh: no I/O, for the shortest path. */
  readCached(tenantId: string, slug: string, minTtlSeconds: number, nowMs = this.clock.monotonicMs()) {
    const token = this.cache.get(cacheKey(tenantId, slug), nowMs);
    return token && isFresh(token.expiresAtMs - nowMs, token.lifetimeMs, minTtlSeconds) ? token : undefined;
  }

  async read(tenantId: string, slug: string, minTtlSeconds: number): Promise<TokenAnswer> {
    const cached = this.readCached(tenantId, slug, minTtlSeconds);
    if (cached) return { kind: 'token', token: cached };
    const fromMemory = () => this.keptToken(tenantId, slug);
    try {
      return await this.unlessSilent(this.readOrRenew(tenantId, slug, minTtlSeconds), fromMemory);
    } catch (error) {
      const kept = isDatabaseOutage(error) ? fromMemory() : undefined;
      if (!kept) throw error;
      return kept;
    }
  }

  /** Tokens that may be served although the database cannot be asked. */
  private keptToken(tenantId: string, slug: string): TokenAnswer | undefined {
    const kept = this.cache.getDuringOutage(cacheKey(tenantId, slug));
    return kept && this.isValid(kept) ? { kind: 'token', token: kept } : undefined;
  }

  /** A read that can be served from memory does not wait for a database that does not answer. */
  private async unlessSilent(
    answer: Promise<TokenAnswer>,
    otherwise: () => TokenAnswer | undefined,
  ): Promise<TokenAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<TokenAnswer>((resolve) => {
      timer = setInterval(() => {
        const instead = this.feed.hearing ? undefined : otherwise();
        if (instead) resolve(instead);
      }, silentMs);
    });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearInterval(timer);
      answer.catch(() => undefined);
    }
  }

  private async readOrRenew(tenantId: string, slug: string, minTtlSeconds: number): Promise<TokenAnswer> {
    const first = await this.ask(tenantId, slug);
    if (!first) return { kind: 'not_found' };
    if (first.reading.paused) return { kind: 'paused' };
    if (this.isServable(first, minTtlSeconds)) return this.hand(tenantId, first);
    const { status, generation, pendingGrant } = first.reading;
    const ended = status === 'reauthorization_required' && pendingGrant === null;
    if (ended || generation === 0) return withoutToken(first.reading, 1);

    const renewal = await this.renew(tenantId, first.reading);
    const second = await this.ask(tenantId, slug);
    if (!second) return { kind: 'not_found' };
    if (second.reading.paused) return { kind: 'paused' };
    const moved = second.reading.generation > generation;
    if (second.token && (moved || this.isValid(second.token))) return this.hand(tenantId, second);
    return withoutToken(second.reading, renewal.kind === 'failed' ? renewal.retryAfterSeconds : 1);
  }

  /** Renews, and where the provider waits for a device that answers by itself, waits with it for a while. */
  private async renew(
    tenantId: string,
    { connectionId, generation, upstream }: TokenReading,
  ): Promise<RenewalResult> {
    const target = { tenantId, connectionId, generation, upstream };
    const untilMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs;
    let result = await this.renewer.renew(target);
    while (
      result.kind === 'pending' &&
      this.clock.monotonicMs() + result.retryAfterSeconds * 1_000 < untilMs
    ) {
      await sleep(result.retryAfterSeconds * 1_000);
      result = await this.renewer.renew(target);
    }
    return result;
  }

  /** Fresh; or valid, and asking the provider now would be of no use. */
  private isServable({ reading, token }: Reading, minTtlSeconds: number): boolean {
    if (!token || !this.isValid(token)) return false;
    const remainingMs = this.remainingMs(token);
    const ended = reading.status === 'reauthorization_required';
    const heldBack = reading.retryInMs > 0 && !reading.leased;
    return (
      ended ||
      heldBack ||
      reading.singleUse ||
      isFresh(remainingMs, token.lifetimeMs, minTtlSeconds) ||
      remainingMs > this.mostLeadMs(reading)
    );
  }

  /** Hands the token out; one for a single use only to whom the database gives it. */
  private async hand(tenantId: string, { reading, token }: Reading): Promise<TokenAnswer> {
    if (!token) return withoutToken(reading, 1);
    const mine =
      !reading.singleUse || (await this.tokens.take(tenantId, reading.connectionId, reading.generation));
    if (mine) return { kind: 'token', token };
    return withoutToken({ ...reading, status: 'reauthorization_required' }, 1);
  }

  /**
   * Many readers at once ask once. The end of a renewal counts as a change here, so nobody who comes after it is answered
   * with what was read before.
   */
  private ask(tenantId: string, slug: string): Promise<Reading | undefined> {
    const asked = this.cache.asking();
    const question = `${asked.changesHeard} ${cacheKey(tenantId, slug)}`;
    return this.asking.join(question, () => this.askNow(tenantId, slug, asked));
  }

  private async askNow(tenantId: string, slug: string, asked: Asked): Promise<Reading | undefined> {
    const reading = await this.tokens.read(tenantId, slug);
    if (!reading) return undefined;
    const token = servedToken(tenantId, reading, asked.atMs);
    if (token && !reading.singleUse && !reading.paused) {
      this.cache.put(cacheKey(tenantId, slug), token, asked);
      // Later reads of a cached token tell nothing new: their reader has read this one. One that is not kept is told too.
      this.notes.note(token.connectionId);
    }
    return { reading, token };
  }

  /** How long before its end the server renews a token at the earliest. */
  private mostLeadMs({ provider, settings }: TokenReading): number {
    const seconds = this.registry.get(provider).renewalLeadSeconds?.(settings) ?? Number.POSITIVE_INFINITY;
    return seconds * 1_000;
  }

  private isValid(token: ServedToken): boolean {
    return this.remainingMs(token) > 0;
  }

  private remainingMs(token: ServedToken): number {
    return token.expiresAtMs - this.clock.monotonicMs();
  }
}

function cacheKey(tenantId: string, slug: string): string {
  return `${tenantId}/${slug}`;
}
