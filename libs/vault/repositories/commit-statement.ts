import type { Claim, CommittedTokens } from './claim.js';

/** One renewal to write down, sealed. */
export interface SealedCommit {
  readonly claim: Pick<Claim, 'connectionId' | 'generation'>;
  readonly sealed: string;
  readonly dataKeyId: string;
  readonly tokens: CommittedTokens;
  /** SHA-256, hex, of the ciphertext of what was spent: nothing else that waits to be exchanged is taken away. */
  readonly credentialHash: string | null;
}

/**
 * Renewals of one tenant in one transaction, all or none; by connection, so that two processes never wait for each
 * other in a circle. `$1` names the tenant, `$2` is `commitParameter`.
 */
export const commitStatement = `
  select at, gk.commit_renewal($1, connection_id, generation, sealed, data_key_id, scope, issued_at, expires_at,
    refresh_token_expires_at, next_renewal_at, renew_ahead_at, grant_ends_at, one_time, single_use, announce, spent) as committed
  from (
    select * from json_to_recordset($2) as renewal (at integer, connection_id uuid, generation integer, sealed text,
      data_key_id uuid, scope text, issued_at timestamptz, expires_at timestamptz, refresh_token_expires_at timestamptz,
      next_renewal_at timestamptz, renew_ahead_at timestamptz, grant_ends_at timestamptz, one_time boolean,
      single_use boolean, announce boolean, spent text)
    order by connection_id, generation
  ) renewals`;

export function commitParameter(commits: readonly SealedCommit[]): string {
  return JSON.stringify(
    commits.map(({ claim, sealed, dataKeyId, tokens, credentialHash }, at) => ({
      at,
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
      one_time: tokens.oneTime,
      single_use: tokens.singleUse,
      announce: tokens.announce,
      spent: credentialHash,
    })),
  );
}
