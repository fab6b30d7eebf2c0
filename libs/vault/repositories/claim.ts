import type { Account, ClientSecret, GrantType } from '#provider-kit';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import type {
  ConnectionFields,
  ConnectionStatus,
  LastError,
  RenewalMode,
} from '../entities/connection.entity.js';
import type { PendingGrantContents } from './pending-grant-contents.js';
import type { TokenContents } from './token-contents.js';

/** The lease of one connection, taken together with the intent to renew its generation. */
export interface Claim {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly intentId: string;
  /** The process that holds the lease. */
  readonly owner: string;
  /** The journal in which the intent says the answer is kept: the process that takes it over ends the claim when its owner is gone. */
  readonly journalId: string;
  readonly generation: number;
  /** Instant of the database's clock. */
  readonly claimedAt: Date;
  /** Before the database was asked, on the monotonic clock: the lease cannot have begun earlier. */
  readonly askedAtMs: number;
  /** When its answer was here, on the monotonic clock: `claimedAt` cannot lie later. */
  readonly answeredAtMs: number;
}

/** A claim the worker has made; the partition it counts in. */
export interface DueClaim extends Claim, Partition {}

/** Who claims, and for how long. */
export interface Lease {
  readonly owner: string;
  /** Where this process puts what it must not lose. */
  readonly journalId: string;
  readonly seconds: number;
  /** How long others wait for that journal, should the end of the claim never be written. */
  readonly graceSeconds: number;
}

/** A tenant at an upstream: what a breaker counts by, so that one tenant's trouble is not another's. */
export interface Partition {
  readonly tenantId: string;
  readonly upstream: string;
}

export function partitionName({ tenantId, upstream }: Partition): string {
  return `${tenantId} ${upstream}`;
}

/** How much a worker has room for; only tenants, upstreams and partitions that are not idle are named. */
export interface ClaimLimits {
  /** Renewals under way. */
  readonly tenants: Readonly<Record<string, number>>;
  /** Renewals that may still be begun. */
  readonly upstreams: Readonly<Record<string, number>>;
  /** The same by `partitionName`; 0 leaves the partition alone. */
  readonly partitions: Readonly<Record<string, number>>;
  readonly tenantLimit: number;
  readonly upstreamLimit: number;
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
  /** The process that claimed it last may have sent a one-time credential; its journal is waited for. */
  | 'awaiting_journal'
  /** Nothing is renewed for a tenant that is disabled. */
  | 'tenant_disabled'
  /** All renewals are held until an admin releases them. */
  | 'held'
  /** An admin has paused the connection. */
  | 'paused'
  /** The connection must be authorised again. */
  | 'ended'
  | 'gone';

export interface ClaimedSecret extends ClientSecret {
  readonly id: string;
  /** Whether the provider has ever accepted it. */
  readonly proved: boolean;
}

/** Everything one attempt needs, opened. */
export interface ClaimedConnection {
  readonly slug: string;
  readonly grant: GrantType;
  readonly subject: string | null;
  readonly requestedScope: string | null;
  readonly scope: string | null;
  readonly fields: ConnectionFields;
  readonly account: Account | null;
  readonly status: ConnectionStatus;
  readonly renewal: RenewalMode;
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshTokenExpiresAt: Date | null;
  readonly failedAttempts: number;
  /** Since when every renewal was refused in words that say nothing of the grant. */
  readonly refusedSince: Date | null;
  readonly credentialId: string;
  readonly provider: string;
  /** Region or host that fails as one; limits and breaker count by it. */
  readonly upstream: string;
  readonly clientId: string;
  readonly settings: Record<string, unknown>;
  /** Newest first, never empty. */
  readonly secrets: readonly ClaimedSecret[];
  readonly token: TokenContents | null;
  readonly pending: PendingGrant | null;
  /** SHA-256, hex, of the ciphertext of what the next request sends; null where there is none. */
  readonly spentHash: string | null;
  /** The tenant's, newest first; the first one seals what comes next. */
  readonly dataKeys: readonly [WrappedDataKey, ...WrappedDataKey[]];
}

export interface PendingGrant extends PendingGrantContents {
  /** CIBA: seconds between two polls. */
  readonly intervalSeconds: number | null;
  readonly expired: boolean;
}

export interface FailedRenewal {
  readonly status: ConnectionStatus;
  readonly error: LastError;
  readonly nextRenewalAt: Date | null;
  readonly retryNotBefore: Date | null;
  /** Nothing but a new authorisation helps: counts even when somebody else has taken the lease over. */
  readonly terminal: boolean;
  /** The provider refused it in words that say nothing of the grant. */
  readonly refused: boolean;
  /** Of what was to be sent: a terminal failure takes that one-time credential away, and none that came since. */
  readonly spentHash: string | null;
}
