import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock } from '#provider-kit';
import { ApiKeyRepository, ChangeFeed, HeardCache, InFlight, isDatabaseOutage } from '#vault';
import { hashApiKey, mayBeApiKey } from './api-key.js';
import type { Principal } from './principal.js';
import { isRole } from './roles.js';

/** 10 000 keys are about 5 MB. */
const maxEntries = 10_000;

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
    feed: ChangeFeed,
    @InjectSettings() settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.known = new HeardCache(feed, clock, {
      maxEntries,
      outageSeconds: settings.outageReadSeconds,
      rowsOf: {
        api_key: ({ principal }) => principal.callerId,
        tenant: ({ principal }) => principal.tenantId,
        connection: undefined,
        workload_identities: undefined,
      },
    });
  }

  /** Who it is, where that is known for certain without asking the database. */
  recall(bearer: string): Principal | undefined {
    return this.unexpired(this.known.get(nameOf(hashApiKey(bearer))));
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
      // Many calls with one key, at once, ask once.
      return this.unexpired(await this.asking.join(name, () => this.ask(name, hash)));
    } catch (error) {
      const last = isDatabaseOutage(error) ? this.unexpired(this.known.getDuringOutage(name)) : undefined;
      if (last) return last;
      throw error;
    }
  }

  private unexpired(key: KnownKey | undefined): Principal | undefined {
    return key && key.expiresAtMs > this.clock.monotonicMs() ? key.principal : undefined;
  }

  private async ask(name: string, hash: Buffer): Promise<KnownKey | undefined> {
    const asked = this.known.asking();
    const row = await this.apiKeys.findUsable(hash);
    if (!row || !isRole(row.role)) {
      this.known.drop(name);
      return undefined;
    }
    const { id, role, tenantId, tenantSlug, connections, expiresInMs } = row;
    const key: KnownKey = {
      principal: { callerId: id, role, tenantId, tenantSlug, connections },
      expiresAtMs: expiresInMs === null ? Number.POSITIVE_INFINITY : asked.atMs + expiresInMs,
    };
    this.known.put(name, key, asked);
    return key;
  }
}

/** A key of the cache: 32 characters of one byte each. */
function nameOf(hash: Buffer): string {
  return hash.toString('latin1');
}
