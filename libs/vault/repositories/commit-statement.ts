import type { Account } from '#provider-kit';
import type { ConnectionFields } from '../entities/connection.entity.js';
import type { Claim } from './claim.js';
import type { NewScope } from './new-authorization.js';
import type { TokenContents } from './token-contents.js';
import { type ManyParameters, manyParameters } from './write-together.js';

export interface CommittedTokens {
  readonly contents: TokenContents;
  readonly issuedAt: Date;
  /** Null for an access token that does not expire. */
  readonly expiresAt: Date | null;
  readonly refreshTokenExpiresAt: Date | null;
  readonly nextRenewalAt: Date | null;
  /** When it falls due once somebody has read it; null where reading changes nothing. */
  readonly renewAheadAt: Date | null;
  /** When the grant dies for certain; null where renewals extend it. */
  readonly grantEndsAt: Date | null;
  /** The next request may end what it sends: after a crash the journal is read first. */
  readonly rotating: boolean;
  readonly singleUse: boolean;
  /** Tell every replica to forget the token before. */
  readonly announce: boolean;
  /** Absent: as they were. */
  readonly fields?: ConnectionFields;
  /** Absent: as it was. */
  readonly account?: Account | null;
  /** Of a new authorisation that asked for another scope than the one before. */
  readonly newScope?: NewScope;
}

/** One renewal to write down, sealed. */
export interface SealedCommit {
  readonly claim: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>;
  readonly sealed: string;
  readonly dataKeyId: string;
  readonly tokens: CommittedTokens;
  /** SHA-256, hex, of the ciphertext of what was sent: no other pending grant is removed. */
  readonly spentHash: string | null;
}

/** Renewals of any tenants in one transaction, all or none. See `commitParameters`. */
export const commitStatement = 'select at, written from gk.commit_renewals($1, $2)';

export function commitParameters(commits: readonly SealedCommit[]): ManyParameters {
  return manyParameters(
    commits.map(({ claim, sealed, dataKeyId, tokens, spentHash }) => ({
      tenant_id: claim.tenantId,
      connection_id: claim.connectionId,
      generation: claim.generation,
      sealed,
      data_key_id: dataKeyId,
      scope: tokens.contents.scope,
      issued_at: tokens.issuedAt,
      expires_at: tokens.expiresAt,
      refresh_token_expires_at: tokens.refreshTokenExpiresAt,
      next_renewal_at: tokens.nextRenewalAt,
      renew_ahead_at: tokens.renewAheadAt,
      grant_ends_at: tokens.grantEndsAt,
      rotating: tokens.rotating,
      single_use: tokens.singleUse,
      announce: tokens.announce,
      spent_hash: spentHash,
      fields: tokens.fields,
      account: tokens.account ?? undefined,
      requested_scope: tokens.newScope?.requestedScope,
      exclusive_key: tokens.newScope?.exclusiveKey ?? undefined,
    })),
  );
}
