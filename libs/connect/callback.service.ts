import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { readAuthorizationError } from '#oauth-http';
import {
  CLOCK,
  type Clock,
  PROVIDER_REGISTRY,
  type ProviderRegistry,
  type TokenProvider,
} from '#provider-kit';
import {
  AuthorizationRepository,
  type Connection,
  ConnectionRepository,
  type Credential,
  type FoundSession,
  type SessionSecrets,
  TenantRepository,
} from '#vault';
import { type Callback, type CallbackRefusal, fieldNames, fieldsOf } from './callback.js';
import { CodeExchange } from './code-exchange.js';
import type { ConnectResult } from './connect-result.js';
import { digestOf, isDigestOf, isState, newSecret } from './one-time-secret.js';
import { VisitLimiter } from './visit-limiter.js';

interface Rejected {
  readonly kind: 'rejected';
  readonly refusal: CallbackRefusal;
  /** Absent: it belongs to no session. */
  readonly found?: FoundSession;
}

/** From the browser that was sent away, to the right place. */
interface Admitted {
  readonly kind: 'admitted';
  readonly found: FoundSession;
  readonly connection: Connection;
  readonly credential: Credential;
  readonly provider: TokenProvider;
}

export type CallbackResult =
  | Rejected
  | ({
      readonly returnUrl: string | null;
      readonly connection: Connection;
      readonly tenantId: string;
    } & (
      | { readonly kind: 'denied'; readonly error: string }
      | { readonly kind: 'to_confirm'; readonly confirmationCode: string }
      | { readonly kind: 'exchanged'; readonly result: ConnectResult }
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
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    private readonly codes: CodeExchange,
    private readonly visits: VisitLimiter,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** @throws TooManyVisits */
  async receive(callback: Callback): Promise<CallbackResult> {
    const { state } = callback;
    if (state === undefined)
      return { kind: 'rejected', refusal: callback.isRepeated ? 'parameters_repeated' : 'state_missing' };
    if (!isState(state)) return { kind: 'rejected', refusal: 'state_unknown' };
    const admitted = await this.visits.enter(() => this.admit(callback, digestOf(state)));
    if (admitted.kind === 'rejected') return admitted;
    const { found, connection } = admitted;
    const refusal = await this.checkAnswer(callback, admitted);
    if (refusal) return { kind: 'rejected', refusal, found };
    const taken = await this.visits.resume(() => this.take(callback, admitted));
    if (taken.kind !== 'to_exchange') return taken;
    const { tenantId, session } = found;
    const result = await this.codes.exchange(tenantId, connection, taken.secrets);
    return { kind: 'exchanged', returnUrl: session.returnUrl, connection, tenantId, result };
  }

  /** Finds the session, with one statement where there is none, and checks what the browser itself must know. */
  private async admit(callback: Callback, digest: Buffer): Promise<Rejected | Admitted> {
    const found = await this.sessions.find(digest);
    const unknown = callback.isRepeated ? 'parameters_repeated' : 'state_unknown';
    if (!found) return { kind: 'rejected', refusal: unknown };
    if (found.session.linkHash.equals(digest)) return { kind: 'rejected', refusal: unknown, found };
    const connection = await this.connections.findById(found.tenantId, found.session.connectionId);
    const credential = connection?.credential;
    if (!connection || !credential) return { kind: 'rejected', refusal: 'state_unknown', found };
    const refusal = await this.checkPlace(callback, found, credential);
    if (refusal) return { kind: 'rejected', refusal, found };
    const provider = this.registry.get(credential.provider);
    if (
      provider.authorizationCode?.bindsBrowser !== false &&
      !callback.cookies.some((cookie) => isDigestOf(found.session.cookieHash, cookie))
    )
      return { kind: 'rejected', refusal: 'wrong_browser', found };
    return { kind: 'admitted', found, connection, credential, provider };
  }

  private async checkPlace(
    { place, isRepeated }: Callback,
    { tenantId, session, secrets, expired }: FoundSession,
    credential: Credential,
  ): Promise<CallbackRefusal | undefined> {
    if (isRepeated) return 'parameters_repeated';
    if (session.returnedAt) return 'state_used';
    if (expired || !session.openedAt) return expired ? 'state_expired' : 'state_unknown';
    const expectedPlace = place
      ? (await this.tenants.find(place.tenant))?.id === tenantId && place.credential === credential.slug
      : credential.settings['redirect_uri'] === secrets.redirectUri;
    return expectedPlace ? undefined : 'wrong_place';
  }

  /** May ask the provider. */
  private async checkAnswer(callback: Callback, admitted: Admitted): Promise<CallbackRefusal | undefined> {
    const { provider, credential } = admitted;
    if (fieldNames(admitted).some((name) => callback.parameters.getAll(name).length > 1))
      return 'parameters_repeated';
    const deadlineMonotonicMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs;
    const known = await provider.authorizationCode?.callbackIssuer?.(credential, { deadlineMonotonicMs });
    // On the path that all servers share, nothing else tells which of them answers.
    const isRequired = known?.isPromised || callback.place === null;
    if (known && callback.iss !== known.issuer && (isRequired || callback.iss !== undefined))
      return 'wrong_issuer';
    return callback.code === undefined && callback.error === undefined ? 'code_missing' : undefined;
  }

  /** Uses the session up, and keeps what it brought. */
  private async take(
    callback: Callback,
    admitted: Admitted,
  ): Promise<CallbackResult | { readonly kind: 'to_exchange'; readonly secrets: SessionSecrets }> {
    const { error, errorDescription, code = '' } = callback;
    const { found, connection, provider, credential } = admitted;
    const { tenantId, session } = found;
    if (!(await this.sessions.take(tenantId, session.id)))
      return { kind: 'rejected', refusal: 'state_used', found };
    const back = { returnUrl: session.returnUrl, connection, tenantId };
    if (error !== undefined) {
      const refused = readAuthorizationError(error, errorDescription, credential.clientId);
      await this.connections.noteUnauthorized(tenantId, connection.id, refused);
      return { ...back, kind: 'denied', error };
    }
    const authorization = {
      ...found.secrets.authorization,
      fields: fieldsOf(callback, fieldNames(admitted)),
    };
    const secrets = { ...found.secrets, code, authorization };
    if (session.returnUrl === null) return { kind: 'to_exchange', secrets };
    return { ...back, kind: 'to_confirm', confirmationCode: await this.keep(found, provider, secrets) };
  }

  /** @returns the confirmation code; without it the provider's code is never exchanged */
  private async keep(
    found: FoundSession,
    { descriptor }: TokenProvider,
    secrets: SessionSecrets,
  ): Promise<string> {
    const confirmationCode = newSecret();
    const codeSeconds = descriptor.lifetimes.authorizationCodeSeconds ?? longestCodeSeconds;
    await this.sessions.awaitConfirmation(
      found,
      secrets,
      digestOf(confirmationCode),
      codeSeconds - confirmationMarginSeconds,
    );
    return confirmationCode;
  }
}
