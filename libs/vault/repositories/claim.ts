import type { ClientSecret, GrantType } from '#provider-kit';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import type { ConnectionStatus, LastError, RenewalMode } from '../entities/connection.entity.js';
import type { PendingGrantContents } from './pending-grant-contents.js';
import type { TokenContents } from './token-contents.js';

/** The lease of one connection, taken together with the intent to spend its generation. */
export interface Claim {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly intentId: string;
  readonly generation: number;
  /** Instant of the database's clock. */
  readonly claimedAt: Date;
  /** Before the database was asked, on the monotonic clock: the lease cannot have begun earlier. */
  readonly askedAtMs: number;
  /** When its answer was here, on the monotonic clock: `claimedAt` cannot lie later. */
  readonly answeredAtMs: number;
}

export interface ClaimRefused {
  readonly refusal: ClaimRefusal;
  /** Milliseconds until the provider may be asked again; 0 when nothing holds it back. */
  readonly retryInMs: number;
  readonly lastError: LastError | null;
}

export type ClaimRefusal =
  /** The generation has moved on. */
  | 'renewed'
  /** Somebody else holds the lease. */
  | 'leased'
  /** A failure is too fresh to ask the provider again. */
  | 'held_back'
  /** The connection must be authorised again. */
  | 'ended'
  | 'gone';

/** Everything one exchange needs, opened. */
export interface ClaimedConnection {
  readonly slug: string;
  readonly grant: GrantType;
  readonly subject: string | null;
  readonly requestedScope: string | null;
  readonly scope: string | null;
  readonly status: ConnectionStatus;
  readonly renewal: RenewalMode;
  readonly refreshTokenExpiresAt: Date | null;
  readonly failedAttempts: number;
  /** Milliseconds left of the stored access token; null without one. */
  readonly tokenExpiresInMs: number | null;
  readonly credentialId: string;
  readonly provider: string;
  readonly clientId: string;
  readonly settings: Record<string, unknown>;
  /** Newest first, never empty. */
  readonly secrets: readonly (ClientSecret & { readonly id: string })[];
  readonly token: TokenContents | null;
  readonly pending: PendingGrant | null;
  /** Seals what comes next. */
  readonly sealingKey: WrappedDataKey;
}

export interface PendingGrant extends PendingGrantContents {
  /** CIBA: seconds between two polls. */
  readonly intervalSeconds: number | null;
  readonly expired: boolean;
}

export interface CommittedTokens {
  readonly contents: TokenContents;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly refreshTokenExpiresAt: Date | null;
  readonly nextRenewalAt: Date | null;
  readonly singleUse: boolean;
  /** Tell every replica to forget the token before. */
  readonly announce: boolean;
}

export interface FailedRenewal {
  readonly status: ConnectionStatus;
  readonly error: LastError;
  readonly nextRenewalAt: Date | null;
  readonly retryNotBefore: Date | null;
  /** The one-time credential is spent or dead. */
  readonly dropPending: boolean;
}
