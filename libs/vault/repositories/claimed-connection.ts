import { createHash } from 'node:crypto';
import type { Account, ClientSecret, GrantType } from '#provider-kit';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import type { Sealer } from '../encryption/sealer.js';
import type { ConnectionFields, ConnectionStatus, RenewalMode } from '../entities/connection.entity.js';
import { contentsBoundTo } from './bound-contents.js';
import type { Claim, ClaimedConnection, PendingGrant } from './claim.js';
import { checkCredentialSeal } from './credential-seal.js';
import { secretBinding } from './credential-secrets.js';
import { type PendingGrantContents, pendingGrantBinding } from './pending-grant-contents.js';
import { type TokenContents, tokenSetBinding } from './token-contents.js';

/** A row as `gk.load_claims` returns it. */
export interface LoadedRow {
  tenant_id: string;
  connection_id: string;
  slug: string;
  grant: GrantType;
  subject: string | null;
  requested_scope: string | null;
  scope: string | null;
  fields: ConnectionFields;
  account: Account | null;
  status: ConnectionStatus;
  renewal: RenewalMode;
  generation: number;
  access_token_expires_at: Date | null;
  refresh_token_expires_at: Date | null;
  failed_attempts: number;
  refused_since: Date | null;
  credential_id: string;
  provider: string;
  upstream: string;
  client_id: string;
  settings: Record<string, unknown>;
  seal: string;
  secrets: { id: string; version: number; kind: ClientSecret['kind']; sealed: string; proved: boolean }[];
  sealed: string | null;
  pending: { id: string; sealed: string; intervalSeconds: number | null; expired: boolean } | null;
  data_keys: [WrappedDataKey, ...WrappedDataKey[]];
}

/** `$1` names the tenant of each connection in `$2`. */
export const loadStatement = 'select * from gk.load_claims($1, $2)';

/** @throws VaultError `cannot_open`, `unknown_key` */
export async function openLoaded(
  row: LoadedRow,
  { tenantId, connectionId }: Pick<Claim, 'tenantId' | 'connectionId'>,
  sealer: Sealer,
): Promise<ClaimedConnection> {
  const sent = row.pending?.sealed ?? row.sealed;
  // The answer must be sealed at once: the key is opened before anything is sent.
  await sealer.prepare(tenantId, row.data_keys[0]);
  const { credential_id: credentialId, provider, client_id: clientId, settings } = row;
  const members = { id: credentialId, tenantId, provider, clientId, settings };
  await checkCredentialSeal(sealer, row.data_keys, members, row.seal);
  return {
    slug: row.slug,
    grant: row.grant,
    subject: row.subject,
    requestedScope: row.requested_scope,
    scope: row.scope,
    fields: row.fields,
    account: row.account,
    status: row.status,
    renewal: row.renewal,
    accessTokenExpiresAt: row.access_token_expires_at,
    refreshTokenExpiresAt: row.refresh_token_expires_at,
    failedAttempts: row.failed_attempts,
    refusedSince: row.refused_since,
    credentialId,
    provider,
    upstream: row.upstream,
    clientId,
    settings,
    secrets: await Promise.all(
      row.secrets.map(async (secret) => ({
        id: secret.id,
        proved: secret.proved,
        kind: secret.kind,
        value: await sealer.open(secret.sealed, row.data_keys, secretBinding({ ...secret, tenantId })),
      })),
    ),
    token:
      row.sealed === null
        ? null
        : contentsBoundTo<TokenContents>(
            await sealer.open(
              row.sealed,
              row.data_keys,
              tokenSetBinding(tenantId, connectionId, row.generation),
            ),
            credentialId,
          ),
    pending: row.pending && (await openPending(tenantId, row.pending, row, sealer)),
    spentHash: sent === null ? null : hashOf(sent),
    dataKeys: row.data_keys,
  };
}

/** Of a ciphertext, as the database has it in `spent_hash`. */
export function hashOf(sealed: string): string {
  return createHash('sha256').update(sealed).digest('hex');
}

async function openPending(
  tenantId: string,
  row: NonNullable<LoadedRow['pending']>,
  { data_keys: keys, credential_id: credentialId }: LoadedRow,
  sealer: Sealer,
): Promise<PendingGrant> {
  const opened = await sealer.open(row.sealed, keys, pendingGrantBinding(tenantId, row.id));
  const contents = contentsBoundTo<PendingGrantContents>(opened, credentialId);
  return { ...contents, intervalSeconds: row.intervalSeconds, expired: row.expired };
}
