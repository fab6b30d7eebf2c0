import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { cacheEntries, noteCaller } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import {
  type Asked,
  ChangeFeed,
  HeardCache,
  InFlight,
  isDatabaseOutage,
  WorkloadIdentityRepository,
} from '#vault';
import { hashName } from '../api-key.js';
import { FailedAuthentications } from '../limits/failed-authentications.js';
import { RequestLimits } from '../limits/request-limits.js';
import type { Principal } from '../principal.js';
import { isForConsole } from '../sso/people.js';
import { isJwt, JwtVerifier, type VerifiedJwt } from './jwt-verifier.js';
import { principalOf } from './workload-principal.js';

/** A JWT that has been verified is verified again after five minutes: its key may have been taken back. */
const verifiedForMs = 300_000;
const tenantForm = /^[a-z0-9-]{1,63}$/;

interface KnownWorkload {
  readonly principal: Principal;
  /** Both on the monotonic clock. */
  readonly verifyAtMs: number;
  readonly endsAtMs: number;
}

/** Who comes with a workload JWT. Remembers the answers as `HeardCache` does, by JWT and tenant. */
@Injectable()
export class WorkloadTokens {
  private readonly known: HeardCache<KnownWorkload>;
  private readonly asking = new InFlight<KnownWorkload | undefined>();

  constructor(
    private readonly verifier: JwtVerifier,
    private readonly identities: WorkloadIdentityRepository,
    private readonly failed: FailedAuthentications,
    private readonly requests: RequestLimits,
    feed: ChangeFeed,
    @InjectSettings() private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.known = new HeardCache(feed, clock, {
      maxEntries: settings.cacheSizes.callers,
      outageSeconds: settings.outageReadSeconds,
      rowsOf: {
        api_key: undefined,
        tenant: ({ principal }) => principal.tenantId,
        connection: undefined,
        workload_identities: ({ principal }) => principal.tenantId,
      },
    });
    cacheEntries.observe(() => [[{ cache: 'workloads' }, this.known.size]], 'workloads');
  }

  /** Who it is in that tenant, where that is known for certain without asking anybody. */
  recall(jwt: string, tenantSlug: string): Principal | undefined {
    return this.recallNamed(hashName(jwt), tenantSlug, this.clock.monotonicMs());
  }

  /**
   * @param name `hashName` of the JWT
   * @param nowMs on the monotonic clock
   */
  recallNamed(name: string, tenantSlug: string, nowMs: number): Principal | undefined {
    const known = this.known.get(`${name} ${tenantSlug}`, nowMs);
    return known && known.verifyAtMs > nowMs && known.endsAtMs > nowMs ? known.principal : undefined;
  }

  /**
   * @param tenantSlug the tenant that is meant: a JWT names none
   * @param address of the caller
   * @returns undefined for a JWT that is not valid now, or that no workload identity of the tenant matches
   * @throws AccessError `issuer_unavailable`, `rate_limited`
   * @throws what the database threw, when it cannot be asked and nothing is remembered
   */
  async authenticate(jwt: string, tenantSlug: string, address: string): Promise<Principal | undefined> {
    const principal = this.recall(jwt, tenantSlug) ?? (await this.find(jwt, tenantSlug));
    if (!principal) {
      this.failed.count(address);
      return undefined;
    }
    noteCaller(principal.callerId);
    this.requests.admit(principal);
    return principal;
  }

  private async find(jwt: string, tenantSlug: string): Promise<Principal | undefined> {
    if (!isJwt(jwt) || !tenantForm.test(tenantSlug)) return undefined;
    const name = nameOf(jwt, tenantSlug);
    try {
      return this.unended(await this.asking.join(name, () => this.ask(name, jwt, tenantSlug)));
    } catch (error) {
      const last = isDatabaseOutage(error) ? this.unended(this.known.getDuringOutage(name)) : undefined;
      if (last) return last;
      throw error;
    }
  }

  private unended(known: KnownWorkload | undefined): Principal | undefined {
    return known && known.endsAtMs > this.clock.monotonicMs() ? known.principal : undefined;
  }

  private async ask(name: string, jwt: string, tenantSlug: string): Promise<KnownWorkload | undefined> {
    const verified = await this.verifier.verify(jwt);
    // Nothing is asked of the database before the signature is right.
    const asked = this.known.asking();
    const principal = verified && (await this.bound(verified, tenantSlug));
    if (!principal) {
      this.known.drop(name);
      return undefined;
    }
    const endsAtMs = asked.atMs + verified.endsInMs;
    return this.remember(name, { principal, verifyAtMs: asked.atMs + verifiedForMs, endsAtMs }, asked);
  }

  private remember(name: string, known: KnownWorkload, asked: Asked): KnownWorkload {
    this.known.put(name, known, asked);
    return known;
  }

  private async bound(verified: VerifiedJwt, tenantSlug: string): Promise<Principal | undefined> {
    const { issuer } = verified.issuer;
    const bound = await this.identities.findUsable(tenantSlug, issuer);
    // A binding that lets people sign in to the console lets no JWT in: an ID token is no key.
    const { consoleSso } = this.settings;
    const ofWorkloads = bound.filter((identity) => !isForConsole(consoleSso, identity));
    return principalOf(verified, tenantSlug, ofWorkloads);
  }
}

function nameOf(jwt: string, tenantSlug: string): string {
  return `${hashName(jwt)} ${tenantSlug}`;
}
