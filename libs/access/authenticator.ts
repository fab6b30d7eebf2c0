import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { cacheEntries, noteCaller } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { ApiKeyRepository, ChangeFeed, HeardCache, InFlight, isDatabaseOutage } from '#vault';
import { hashApiKey, hashName, mayBeApiKey } from './api-key.js';
import { FailedAuthentications, refuseFor } from './limits/failed-authentications.js';
import { KeyDirectory } from './limits/key-directory.js';
import { RequestLimits } from './limits/request-limits.js';
import { UnknownKeys } from './limits/unknown-keys.js';
import { limitsOf, type Principal } from './principal.js';
import { isRole } from './roles.js';

interface KnownKey {
  readonly principal: Principal;
  /** On the monotonic clock. */
  readonly expiresAtMs: number;
}

/** Who a bearer is. Remembers the answers as `HeardCache` does; a key's own end is kept in any case. */
@Injectable()
export class Authenticator {
  private readonly known: HeardCache<KnownKey>;
  private readonly asking = new InFlight<KnownKey | undefined>();

  constructor(
    private readonly apiKeys: ApiKeyRepository,
    private readonly failed: FailedAuthentications,
    private readonly unknown: UnknownKeys,
    private readonly directory: KeyDirectory,
    private readonly requests: RequestLimits,
    feed: ChangeFeed,
    @InjectSettings() settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.known = new HeardCache(feed, clock, {
      maxEntries: settings.cacheSizes.callers,
      outageSeconds: settings.outageReadSeconds,
      rowsOf: {
        api_key: ({ principal }) => principal.callerId,
        tenant: ({ principal }) => principal.tenantId,
        connection: undefined,
        workload_identities: undefined,
      },
    });
    cacheEntries.observe(() => [[{ cache: 'callers' }, this.known.size]], 'callers');
  }

  /** Who it is, where that is known for certain without asking the database. */
  recall(bearer: string): Principal | undefined {
    return this.recallNamed(hashName(bearer), this.clock.monotonicMs());
  }

  /**
   * @param name `hashName` of the bearer
   * @param nowMs on the monotonic clock
   */
  recallNamed(name: string, nowMs: number): Principal | undefined {
    return unexpired(this.known.get(name, nowMs), nowMs);
  }

  /**
   * Counts the request of a good key, and the failure of any other bearer.
   * @param address of the caller
   * @returns undefined for a bearer that is not valid now
   * @throws AccessError `rate_limited`, or what the database threw, when it cannot be asked and nothing is remembered
   */
  async authenticate(bearer: string, address: string): Promise<Principal | undefined> {
    const principal = this.recall(bearer) ?? (await this.find(bearer, address));
    if (!principal) return undefined;
    noteCaller(principal.callerId);
    this.requests.admit(principal);
    return principal;
  }

  private async find(bearer: string, address: string): Promise<Principal | undefined> {
    const name = hashName(bearer);
    if (!mayBeApiKey(bearer) || this.unknown.has(name)) {
      this.failed.count(address);
      return undefined;
    }
    try {
      // Many calls with one key, at once, ask once.
      const found = await this.asking.join(name, () =>
        this.askInTurn(name, hashApiKey(bearer), bearer, address),
      );
      if (!found) this.failed.count(address);
      return unexpired(found, this.clock.monotonicMs());
    } catch (error) {
      const last = isDatabaseOutage(error)
        ? unexpired(this.known.getDuringOutage(name), this.clock.monotonicMs())
        : undefined;
      if (last) return last;
      throw error;
    }
  }

  /** A made-up key costs a question only while there have been few: where there were many, the directory is asked. */
  private async askInTurn(
    name: string,
    hash: Buffer,
    bearer: string,
    address: string,
  ): Promise<KnownKey | undefined> {
    const waitMs = this.failed.beginQuestion(bearer, address);
    if (waitMs > 0 && !(await this.directory.has(hash))) refuseFor(waitMs);
    const found = await this.ask(name, hash);
    if (!found) this.failed.countUnknown(bearer);
    else if (waitMs === 0) this.failed.takeBackQuestion();
    return found;
  }

  private async ask(name: string, hash: Buffer): Promise<KnownKey | undefined> {
    const asked = this.known.asking();
    const askedUnknown = this.unknown.asking();
    const row = await this.apiKeys.findUsable(hash);
    if (!row || !isRole(row.role)) {
      this.known.drop(name);
      this.unknown.add(name, askedUnknown);
      return undefined;
    }
    const { id, role, tenantId, tenantSlug, connections, expiresInMs } = row;
    const key: KnownKey = {
      principal: {
        callerId: id,
        role,
        tenantId,
        tenantSlug,
        connections,
        ...limitsOf(row),
      },
      expiresAtMs: expiresInMs === null ? Number.POSITIVE_INFINITY : asked.atMs + expiresInMs,
    };
    this.known.put(name, key, asked);
    return key;
  }
}

function unexpired(key: KnownKey | undefined, nowMs: number): Principal | undefined {
  return key && key.expiresAtMs > nowMs ? key.principal : undefined;
}
