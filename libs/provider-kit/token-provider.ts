import type { Account } from './account.js';
import type { ProbedGrant, ProbeOutcome } from './grant-probe.js';
import { type GrantFields, type GrantType, secretsOf, type TokenGrant } from './grants/grants.js';
import type { ProviderDescriptor, ProviderSettings, RotationMode } from './provider-descriptor.js';
import type { RawResponse } from './raw-response.js';
import type { FailedOutcome, TokenOutcome } from './token-outcome.js';
import type { TokenSet } from './token-set.js';

/** A credential opened for one call. Never kept, never logged. */
export interface ProviderClient {
  readonly clientId: string;
  readonly secret: ClientSecret;
  /** Already parsed by the descriptor's `settingsSchema`, defaults filled in. */
  readonly settings: ProviderSettings;
}

export interface ClientSecret {
  readonly kind: 'client_secret' | 'private_key' | 'none';
  readonly value: string;
}

export interface ProviderCall {
  /** Instant on `Clock.monotonicMs()` after which no byte may be sent and no answer is awaited. */
  readonly deadlineMonotonicMs: number;
}

/**
 * One external OAuth system. Sending and reading are apart, so that an answer can be put in safety before
 * anybody interprets it, and be read again after a crash.
 */
export interface TokenProvider {
  readonly descriptor: ProviderDescriptor;

  /**
   * Sends one token request. Never retries, never follows a redirect.
   * @throws UpstreamError when no usable answer came
   */
  sendTokenRequest(client: ProviderClient, grant: TokenGrant, call: ProviderCall): Promise<RawResponse>;

  /** Reads an answer: pure, and total (whatever came is an outcome, never an exception). */
  readTokenResponse(response: RawResponse, context: TokenResponseContext): TokenOutcome;

  /** The code flow, where the provider has one. */
  readonly authorizationCode?: AuthorizationCodeFlow;

  /** CIBA, where the provider has it. */
  readonly backchannel?: BackchannelFlow;

  /**
   * Token revocation (RFC 7009), where the provider has it.
   * @returns true when the provider no longer honours the token, false where nobody names a place to revoke it at
   * @throws UpstreamError when it may still do so
   */
  revoke?(client: ProviderClient, token: string, hint: TokenTypeHint, call: ProviderCall): Promise<boolean>;

  /**
   * Asks the provider whether a grant lives, where there is a way to. The refresh token is not used up by it.
   * @throws UpstreamError when no usable answer came
   */
  probe?(client: ProviderClient, grant: ProbedGrant, call: ProviderCall): Promise<ProbeOutcome>;

  /**
   * Where the provider keeps one live token per (client, user, scope): the key under which only one replica may
   * ask at a time. Absent or null: connections do not disturb each other.
   */
  exclusiveKey?(
    client: Pick<ProviderClient, 'clientId' | 'settings'>,
    connection: ConnectionIdentity,
  ): string | null;

  /** The settings with what they leave open filled in. Total. Default: as the descriptor's schema parsed them. */
  effectiveSettings?(settings: ProviderSettings): ProviderSettings;

  /** The field of a client that contradicts its settings, and what is wrong with it; undefined when none does. */
  findMisfit?(client: ProviderClient): { field: string; message: string } | undefined;

  /** The field of a new connection that contradicts the settings; undefined when none does. */
  findFieldMisfit?(
    settings: ProviderSettings,
    grant: GrantType,
    fields: GrantFields,
  ): { field: string; message: string } | undefined;

  /**
   * Whether the login hints of CIBA are of a user for good, so that a connection keeps them and asks with them again.
   * Default: yes. Others are sent once, and forgotten.
   */
  keepsLoginHint?(settings: ProviderSettings): boolean;

  /** How this server rotates, where the settings tell; otherwise the descriptor's word holds. */
  rotation?(settings: ProviderSettings): RotationMode;

  /** Seconds before the end of an access token before which the server refuses to renew it; default: none. */
  renewalLeadSeconds?(settings: ProviderSettings): number | null;

  /**
   * The region or host that goes down as one, after the provider's id and a slash. Default: the id. Limits and the
   * breaker count by it.
   */
  upstream?(settings: ProviderSettings): string;

  /**
   * Who has consented to these tokens, where the settings say how that is found out; null where they do not. May ask
   * the provider. Absent: it never says.
   * @param sentAt when the tokens were asked for: what came with them is judged by that instant
   * @throws Error when it cannot be found out; its message holds no secret
   */
  findAccount?(
    client: ProviderClient,
    tokens: TokenSet,
    sentAt: Date,
    call: ProviderCall,
  ): Promise<Account | null>;

  /** Whether a token of this scope may be used once only, and so is handed out once only. */
  isSingleUse?(scope: string | null): boolean;
}

export interface TokenResponseContext {
  readonly grant: TokenGrant['type'];
  /** The secret only so that an echo of it can be cut from the provider's words; on a replay it may be absent. */
  readonly client: Pick<ProviderClient, 'clientId' | 'settings'> & Partial<Pick<ProviderClient, 'secret'>>;
  /** When the request was sent, by the clock that dates the tokens: instants in an answer count from it. Default: now. */
  readonly sentAt?: Date;
  /** Values that were sent and nobody else may see, so that an echo of them can be cut from the provider's words. */
  readonly sentSecrets?: readonly string[];
}

/** With what the answer to a grant is read. */
export function responseContext(
  client: TokenResponseContext['client'],
  grant: TokenGrant,
  sentAt?: Date,
): TokenResponseContext {
  return {
    grant: grant.type,
    client,
    sentSecrets: secretsOf(grant),
    ...(sentAt === undefined ? {} : { sentAt }),
  };
}

export type TokenTypeHint = 'access_token' | 'refresh_token';

export interface ConnectionIdentity {
  readonly grant: GrantType;
  readonly subject: string | null;
  readonly scope: string | null;
}

export interface AuthorizationCodeFlow {
  /**
   * Whether the browser that comes back must hold the cookie it was given when it was sent away. False where the
   * callback may reach a browser that never saw ours; the flow is then bound by `state` and confirmation alone.
   */
  readonly bindsBrowser: boolean;

  /**
   * Where to send the browser (RFC 6749 §4.1.1). May call the provider first.
   * @throws UpstreamError when that call was not answered
   */
  begin(
    client: ProviderClient,
    request: AuthorizationRequest,
    call: ProviderCall,
  ): Promise<AuthorizationOutcome>;

  /**
   * The issuer that a callback may name (RFC 9207), and no other; absent or null: it is not known.
   * @throws UpstreamError when its metadata cannot be read
   */
  callbackIssuer?(
    client: Pick<ProviderClient, 'settings'>,
    call: ProviderCall,
  ): Promise<CallbackIssuer | null>;

  /** Names of the callback's parameters that callers of the token need. Default: none. */
  callbackFields?(settings: ProviderSettings): readonly string[];
}

export interface CallbackIssuer {
  readonly issuer: string;
  /** Whether the provider promises to name it. */
  readonly isPromised: boolean;
}

export interface AuthorizationRequest {
  readonly redirectUri: string;
  /** Ours, unguessable, for this one authorisation. */
  readonly state: string;
  readonly scope: string | null;
  /** The phone number or user it is for, where the grant fields named one. */
  readonly subject: string | null;
  /** PKCE (RFC 7636), S256; providers without it ignore it. */
  readonly codeChallenge: string;
}

export type AuthorizationOutcome =
  | {
      readonly kind: 'redirect';
      readonly authorizationUrl: string;
      /** A `state` of the provider's own that may come back instead of ours. */
      readonly alternateState?: string;
      /** Whether the person's device must be on the carrier's network, not on Wi-Fi. */
      readonly requiresCarrierNetwork?: boolean;
    }
  | FailedOutcome;

export interface BackchannelFlow {
  /** Starts a backchannel authentication (OpenID CIBA Core §7), or a device authorization (RFC 8628 §3.1). */
  begin(client: ProviderClient, request: BackchannelRequest, call: ProviderCall): Promise<BackchannelOutcome>;
}

export interface BackchannelRequest {
  /** One of the descriptor's that a user consents to on another device. */
  readonly grant: GrantType;
  /** As the admin gave it; the provider's own prefix is the adapter's to add. */
  readonly loginHint: string;
  readonly scope: string | null;
}

export type BackchannelOutcome =
  | {
      readonly kind: 'started';
      /** The grant that each poll sends to the token endpoint. */
      readonly grant: TokenGrant;
      readonly expiresInSeconds: number;
      readonly intervalSeconds: number;
      /** The address and the code to tell the user, where the provider does not tell them itself. */
      readonly prompt?: DevicePrompt;
    }
  | FailedOutcome;

/** RFC 8628 §3.2: where the user goes, and the code to enter there. */
export interface DevicePrompt {
  readonly userCode: string;
  readonly verificationUri: string;
  /** With the code in it. */
  readonly verificationUriComplete?: string;
}

export function rotationOf(provider: TokenProvider, settings: ProviderSettings): RotationMode {
  return provider.rotation?.(settings) ?? provider.descriptor.rotation;
}

export function upstreamOf(provider: TokenProvider, settings: ProviderSettings): string {
  return provider.upstream?.(settings) ?? provider.descriptor.id;
}
