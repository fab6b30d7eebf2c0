import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import type { Clock } from '#provider-kit';
import { ApiKeyRepository, ChangeFeed, CLOCK, isDatabaseOutage } from '#vault';
import { hashApiKey, mayBeApiKey } from './api-key.js';
import type { Principal } from './principal.js';
import { type CachedPrincipal, PrincipalCache } from './principal-cache.js';
import { isRole } from './roles.js';

/** How old an answer may be while nothing is heard from the database but it can be asked, milliseconds. */
const deafTrustMs = 2_000;

/**
 * Who a bearer is. Remembers the answers: while this process hears the database, an answer is good until a change is
 * heard; while it is deaf, for two seconds; while the database cannot be asked either, for
 * `GRANTKEEPER_OUTAGE_READ_SECONDS` from when it was last known to be right. A key's own end is kept in any case.
 */
@Injectable()
export class Authenticator {
  private readonly cache = new PrincipalCache();
  private readonly asking = new Map<string, Promise<CachedPrincipal | undefined>>();

  constructor(
    private readonly apiKeys: ApiKeyRepository,
    private readonly feed: ChangeFeed,
    @InjectSettings() private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    feed.onChange((change) => this.cache.forget(change, feed.lastHeardAtMs));
  }

  /** Who it is, where that is known for certain without asking the database. */
  recall(bearer: string): Principal | undefined {
    const known = this.remembered(nameOf(hashApiKey(bearer)));
    if (!known || known.unconfirmed) return undefined;
    return this.feed.hearing || this.ageMs(known) <= deafTrustMs ? known.principal : undefined;
  }

  /**
   * @returns undefined for a bearer that is not valid now
   * @throws what the database threw, when it cannot be asked and nothing is remembered
   */
  async authenticate(bearer: string): Promise<Principal | undefined> {
    const recalled = this.recall(bearer);
    if (recalled || !mayBeApiKey(bearer)) return recalled;
    const hash = hashApiKey(bearer);
    const name = nameOf(hash);
    try {
      const found = await this.ask(name, hash);
      return found && found.expiresAtMs > this.clock.monotonicMs() ? found.principal : undefined;
    } catch (error) {
      const last = this.remembered(name);
      const trustMs = this.settings.outageReadSeconds * 1_000;
      if (last && isDatabaseOutage(error) && this.ageMs(last) < trustMs) return last.principal;
      throw error;
    }
  }

  private remembered(name: string): CachedPrincipal | undefined {
    const entry = this.cache.get(name);
    if (entry && entry.expiresAtMs <= this.clock.monotonicMs()) {
      this.cache.drop(name);
      return undefined;
    }
    return entry;
  }

  /** Since when a change could have gone unnoticed: it was asked for then, or the feed was heard since. */
  private ageMs({ askedAtMs, unconfirmed }: CachedPrincipal): number {
    const knownAtMs = unconfirmed ? askedAtMs : Math.max(askedAtMs, this.feed.lastHeardAtMs);
    return this.clock.monotonicMs() - knownAtMs;
  }

  /** Many calls with one key, at once, ask once. */
  private ask(name: string, hash: Buffer): Promise<CachedPrincipal | undefined> {
    const underWay = this.asking.get(name);
    if (underWay) return underWay;
    const question = this.askDatabase(name, hash).finally(() => this.asking.delete(name));
    this.asking.set(name, question);
    return question;
  }

  private async askDatabase(name: string, hash: Buffer): Promise<CachedPrincipal | undefined> {
    const version = this.cache.version;
    const askedAtMs = this.clock.monotonicMs();
    const key = await this.apiKeys.findUsable(hash);
    if (!key || !isRole(key.role)) {
      this.cache.drop(name);
      return undefined;
    }
    const { id, role, tenantId, tenantSlug, connections, expiresInMs } = key;
    const entry: CachedPrincipal = {
      principal: { callerId: id, role, tenantId, tenantSlug, connections },
      askedAtMs,
      expiresAtMs: expiresInMs === null ? Number.POSITIVE_INFINITY : askedAtMs + expiresInMs,
    };
    this.cache.keep(name, entry, version);
    return entry;
  }
}

/** A key of the cache: 32 characters of one byte each. */
function nameOf(hash: Buffer): string {
  return hash.toString('latin1');
}
