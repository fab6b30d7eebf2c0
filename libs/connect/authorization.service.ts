import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock } from '#provider-kit';
import { fromError, fromProvider, type RenewalFailure } from '#renewal';
import { AuthorizationRepository, type Connection, type NewAuthorization } from '#vault';
import { CredentialOpener } from './credential-opener.js';
import { challengeOf, digestOf, isSecret, newSecret } from './one-time-secret.js';
import { VisitLimiter } from './visit-limiter.js';

const usualLinkSeconds = 600;

/** A trip of one browser. */
export interface WantedTrip extends NewAuthorization {
  /** Where the browser goes at last, already checked against the credential's list; null: our own page. */
  readonly returnUrl: string | null;
  /** Until the link must have been opened; 600 when undefined. */
  readonly linkSeconds?: number | undefined;
}

export type AuthorizationStart =
  | {
      readonly kind: 'started';
      /** Ours; it sends the browser on. */
      readonly authorizationUrl: string;
      readonly expiresInSeconds: number;
      readonly requiresCarrierNetwork: boolean;
    }
  | { readonly kind: 'refused'; readonly failure: RenewalFailure };

export type OpenedLink =
  | {
      readonly kind: 'redirect';
      readonly url: string;
      /** To set in this browser. */
      readonly cookie: string;
    }
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'not_usable';
      /** Null: there is no session behind it. */
      readonly tenantId: string | null;
    };

/** The first half of a code flow: from the wish to the provider's door. */
@Injectable()
export class AuthorizationService {
  constructor(
    private readonly sessions: AuthorizationRepository,
    private readonly credentials: CredentialOpener,
    private readonly visits: VisitLimiter,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /**
   * Prepares one trip of one browser.
   * @param tenant its slug is part of the redirect URI
   */
  async start(
    tenant: { readonly id: string; readonly slug: string },
    connection: Connection,
    { returnUrl, linkSeconds = usualLinkSeconds, ...authorization }: WantedTrip,
  ): Promise<AuthorizationStart> {
    const { credential } = connection;
    if (!credential) throw new Error('The connection was read without its credential.');
    const { provider, ask } = await this.credentials.open(credential);
    const { authorizationCode: flow } = provider;
    if (!flow) throw new Error(`${provider.descriptor.id} has no code flow.`);
    const [link, state, codeVerifier] = [newSecret(), newSecret(), newSecret()];
    const redirectUri = this.redirectUri(tenant.slug, credential.slug, credential.settings);
    const { subject } = connection;
    const scope = authorization.newScope?.requestedScope ?? connection.requestedScope;
    const request = { redirectUri, state, scope, subject, codeChallenge: challengeOf(codeVerifier) };
    const deadlineMonotonicMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs;
    const begun = await ask((client) => flow.begin(client, request, { deadlineMonotonicMs })).catch(
      fromError,
    );
    if (!('kind' in begun)) return { kind: 'refused', failure: begun };
    if (begun.kind === 'failed') return { kind: 'refused', failure: fromProvider(begun.failure) };
    await this.sessions.create(tenant.id, {
      connectionId: connection.id,
      linkHash: digestOf(link),
      stateHash: digestOf(state),
      alternateStateHash: begun.alternateState === undefined ? null : digestOf(begun.alternateState),
      returnUrl,
      secrets: { authorizationUrl: begun.authorizationUrl, redirectUri, codeVerifier, authorization },
      expiresInSeconds: linkSeconds,
    });
    return {
      kind: 'started',
      authorizationUrl: `${this.origin()}/v1/connect/${link}`,
      expiresInSeconds: linkSeconds,
      requiresCarrierNetwork: begun.requiresCarrierNetwork ?? false,
    };
  }

  /**
   * Opens a link, once, and ties the session to the browser that did.
   * @throws TooManyVisits
   */
  async open(link: string): Promise<OpenedLink> {
    return isSecret(link) ? this.visits.enter(() => this.openSession(link)) : { kind: 'malformed' };
  }

  private async openSession(link: string): Promise<OpenedLink> {
    const found = await this.sessions.find(digestOf(link));
    if (!found?.session.linkHash.equals(digestOf(link)))
      return { kind: 'not_usable', tenantId: found?.tenantId ?? null };
    const cookie = newSecret();
    if (!(await this.sessions.open(found.tenantId, found.session.id, digestOf(cookie))))
      return { kind: 'not_usable', tenantId: found.tenantId };
    return { kind: 'redirect', url: found.secrets.authorizationUrl, cookie };
  }

  /** Where browsers come back to for this credential. */
  redirectUri(tenant: string, credential: string, settings: Readonly<Record<string, unknown>>): string {
    const { redirect_uri: own } = settings;
    return typeof own === 'string' ? own : `${this.origin()}/v1/callback/${tenant}/${credential}`;
  }

  private origin(): string {
    return this.settings.publicUrl ?? `http://${this.settings.host}:${this.settings.port}`;
  }
}
