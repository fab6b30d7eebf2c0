import { Inject, Injectable } from '@nestjs/common';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { InjectSettings, type Settings } from '#config';
import { GuardedHttpClient } from '#egress';
import { log } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { ConsoleSessionRepository, type UsableSession, WorkloadIdentityRepository } from '#vault';
import { FailedAuthentications } from '../limits/failed-authentications.js';
import type { Claims } from '../workload/claim-match.js';
import { IssuerClient } from './issuer-client.js';
import { IssuerTransport } from './issuer-transport.js';
import { type Entry, entriesOf } from './people.js';
import { returnPath, type SignInFlow } from './sign-in-flow.js';
import { SignInRefusal } from './sign-in-refusal.js';

export const ssoCallbackPath = '/console/sso/callback';

export interface WantedSignIn {
  /** Of the console. */
  readonly origin: string;
  readonly tenant: string | undefined;
  readonly returnTo: string | undefined;
  readonly again: boolean;
  /** The token of the session that the browser has. */
  readonly before: string | undefined;
}

/** A person whom the issuer has named, and the ways in that are open to them. */
export interface KnownPerson {
  readonly claims: Claims;
  readonly entries: readonly Entry[];
  /** When they signed in at the issuer; the beginning of time where it does not say. */
  readonly authenticatedAt: Date;
  /** The session of the browser until now. */
  readonly before: (UsableSession & { readonly token: string }) | undefined;
}

/** Signs people in to the console by the OpenID provider of the settings. */
@Injectable()
export class SingleSignOn {
  private readonly issuer: IssuerClient | undefined;

  constructor(
    http: GuardedHttpClient,
    private readonly identities: WorkloadIdentityRepository,
    private readonly sessions: ConsoleSessionRepository,
    private readonly failed: FailedAuthentications,
    @InjectSettings() private readonly settings: Settings,
    @Inject(CLOCK) clock: Clock,
  ) {
    const { consoleSso, upstreamTimeoutMs } = settings;
    if (!consoleSso) return;
    const transport = new IssuerTransport(http, clock, consoleSso.issuer, upstreamTimeoutMs);
    this.issuer = new IssuerClient(consoleSso, transport, clock);
  }

  get isAvailable(): boolean {
    return this.issuer !== undefined;
  }

  /**
   * @returns where the browser goes, and what it keeps meanwhile
   * @throws SignInRefusal `issuer_unavailable`
   */
  async begin(wanted: WantedSignIn): Promise<{ readonly url: string; readonly flow: SignInFlow }> {
    const before = await this.sessionOf(wanted.before);
    const flow: SignInFlow = {
      state: randomState(),
      nonce: randomNonce(),
      verifier: randomPKCECodeVerifier(),
      returnTo: returnPath(wanted.returnTo),
      tenant: wanted.again ? (before?.tenantSlug ?? null) : (wanted.tenant ?? null),
      again: wanted.again,
      before: before?.token ?? null,
    };
    return { url: await this.asking((issuer) => issuer.authorizationUrl(flow, redirectUri(wanted))), flow };
  }

  /**
   * @param query of the callback, as it came
   * @param address of the browser: what is refused counts as a failure of it
   * @throws SignInRefusal, AccessError `rate_limited`
   */
  async complete(flow: SignInFlow | undefined, origin: string, query: string, address: string) {
    this.failed.refuseAfterMany(address);
    try {
      const known = await this.identify(flow, origin, query);
      if (known.entries.length === 0) this.failed.count(address);
      return known;
    } catch (error) {
      if (error instanceof SignInRefusal) this.failed.count(address);
      throw error;
    }
  }

  /** Where a person who has signed out here signs out of the issuer too. */
  endSessionUrl(origin: string): Promise<string | undefined> {
    return this.issuer?.endSessionUrl(`${origin}/console`) ?? Promise.resolve(undefined);
  }

  private async identify(flow: SignInFlow | undefined, origin: string, query: string): Promise<KnownPerson> {
    const callback = new URL(redirectUri({ origin }));
    callback.search = query;
    // Of another browser, of another sign-in, or come twice: the issuer is not even asked.
    if (!flow || callback.searchParams.get('state') !== flow.state) throw new SignInRefusal('answer_unknown');
    const claims = await this.asking((issuer) => issuer.exchange(flow, callback));
    const { consoleSso } = this.settings;
    const entries = consoleSso ? await entriesOf(consoleSso, this.identities, claims, flow.tenant) : [];
    const before = await this.sessionOf(flow.before ?? undefined);
    const person = `${consoleSso?.issuer} ${claims.sub}`;
    if (flow.again && before?.holder.person !== person) throw new SignInRefusal('someone_else');
    const { auth_time: seconds } = claims as { readonly auth_time?: unknown };
    const authenticatedAt = new Date(typeof seconds === 'number' ? seconds * 1_000 : 0);
    return { claims, entries, authenticatedAt, before };
  }

  private async asking<T>(work: (issuer: IssuerClient) => Promise<T>): Promise<T> {
    if (!this.issuer) throw new SignInRefusal('answer_unknown');
    try {
      return await work(this.issuer);
    } catch (error) {
      if (error instanceof SignInRefusal) {
        const { code, words } = error;
        log.warn({ issuer: this.settings.consoleSso?.issuer, code, reason: words }, 'a sign-in was refused');
      }
      throw error;
    }
  }

  private async sessionOf(token: string | undefined): Promise<KnownPerson['before']> {
    const found = token === undefined ? undefined : await this.sessions.findUsable(token);
    return found && token !== undefined ? { ...found, token } : undefined;
  }
}

function redirectUri({ origin }: { readonly origin: string }): string {
  return origin + ssoCallbackPath;
}
