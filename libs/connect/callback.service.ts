import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { type Clock, failureCodes } from '#provider-kit';
import {
  AuthorizationRepository,
  CLOCK,
  type Connection,
  ConnectionRepository,
  type FoundSession,
  TenantRepository,
} from '#vault';
import { CodeExchange, type CodeExchangeResult } from './code-exchange.js';
import { digestOf, isDigestOf, newSecret } from './one-time-secret.js';
import { CredentialOpener } from './opened-credential.js';

/** What came back, each parameter at most once. */
export interface Callback {
  /** Of the path; null on the path without them. */
  readonly place: { readonly tenant: string; readonly credential: string } | null;
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
  readonly iss: string | undefined;
  /** What this browser holds of the flows it has begun. */
  readonly cookies: readonly string[];
}

/** Why a callback was turned away; nothing was stored. */
export type CallbackRefusal =
  | 'state_missing'
  | 'state_unknown'
  | 'state_used'
  | 'state_expired'
  | 'wrong_place'
  | 'wrong_browser'
  | 'wrong_issuer'
  | 'code_missing';

export type CallbackResult =
  | { readonly kind: 'rejected'; readonly refusal: CallbackRefusal; readonly found?: FoundSession }
  | ({
      readonly returnUrl: string | null;
      readonly connection: Connection;
      readonly tenantId: string;
    } & (
      | { readonly kind: 'denied'; readonly error: string }
      | { readonly kind: 'to_confirm'; readonly confirmationCode: string }
      | { readonly kind: 'exchanged'; readonly result: CodeExchangeResult }
    ));

/** A confirmation must come so long before the code dies at the provider, seconds. */
const confirmationMarginSeconds = 10;

/** RFC 6749 §4.1.2: a code lives ten minutes at most. */
const longestCodeSeconds = 600;

/** The second half of a code flow: the browser is back. Every check comes before the session is used up. */
@Injectable()
export class CallbackService {
  constructor(
    private readonly sessions: AuthorizationRepository,
    private readonly connections: ConnectionRepository,
    private readonly tenants: TenantRepository,
    private readonly credentials: CredentialOpener,
    private readonly codes: CodeExchange,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async receive(callback: Callback): Promise<CallbackResult> {
    if (callback.state === undefined) return { kind: 'rejected', refusal: 'state_missing' };
    const digest = digestOf(callback.state);
    const found = await this.sessions.find(digest);
    if (!found || found.session.linkHash.equals(digest))
      return { kind: 'rejected', refusal: 'state_unknown' };
    const { tenantId, session } = found;
    const connection = await this.connections.findById(tenantId, session.connectionId);
    if (!connection?.credential) return { kind: 'rejected', refusal: 'state_unknown' };
    const refusal = await this.check(callback, found, connection);
    if (refusal) return { kind: 'rejected', refusal, found };
    if (!(await this.sessions.take(tenantId, session.id)))
      return { kind: 'rejected', refusal: 'state_used', found };

    const back = { returnUrl: session.returnUrl, connection, tenantId };
    if (callback.error !== undefined) {
      await this.connections.noteUnauthorized(tenantId, connection.id, {
        code: 'access_denied',
        remedy: failureCodes.access_denied.remedy,
      });
      return { ...back, kind: 'denied', error: callback.error };
    }
    const code = callback.code ?? '';
    if (session.returnUrl !== null) {
      return { ...back, kind: 'to_confirm', confirmationCode: await this.keep(found, connection, code) };
    }
    return {
      ...back,
      kind: 'exchanged',
      result: await this.codes.exchange(tenantId, connection, found.secrets, code),
    };
  }

  private async check(
    callback: Callback,
    { tenantId, session, secrets, expired }: FoundSession,
    { credential }: Connection,
  ): Promise<CallbackRefusal | undefined> {
    if (session.returnedAt) return 'state_used';
    if (expired || !session.openedAt) return expired ? 'state_expired' : 'state_unknown';
    if (!credential) return 'wrong_place';
    const { place } = callback;
    const expectedPlace = place
      ? (await this.tenants.find(place.tenant))?.id === tenantId && place.credential === credential.slug
      : credential.settings['redirect_uri'] === secrets.redirectUri;
    if (!expectedPlace) return 'wrong_place';
    const { provider } = await this.credentials.open(tenantId, credential);
    const flow = provider.authorizationCode;
    if (
      flow?.bindsBrowser !== false &&
      !callback.cookies.some((cookie) => isDigestOf(session.cookieHash, cookie))
    )
      return 'wrong_browser';
    const deadlineMonotonicMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs;
    const issuer = await flow?.callbackIssuer?.(credential, { deadlineMonotonicMs });
    if (issuer && callback.iss !== issuer) return 'wrong_issuer';
    return callback.code === undefined && callback.error === undefined ? 'code_missing' : undefined;
  }

  /** @returns the confirmation code; without it the provider's code is never exchanged */
  private async keep(found: FoundSession, { credential }: Connection, code: string): Promise<string> {
    const confirmationCode = newSecret();
    const { provider } = await this.credentials.open(found.tenantId, requireCredential(credential));
    const codeSeconds = provider.descriptor.lifetimes.authorizationCodeSeconds ?? longestCodeSeconds;
    await this.sessions.awaitConfirmation(
      found,
      code,
      digestOf(confirmationCode),
      codeSeconds - confirmationMarginSeconds,
    );
    return confirmationCode;
  }
}

function requireCredential<T>(credential: T | undefined): T {
  if (credential === undefined) throw new Error('The connection was read without its credential.');
  return credential;
}
