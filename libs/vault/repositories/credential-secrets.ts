import { createHash, timingSafeEqual } from 'node:crypto';
import { type EntityManager, In } from 'typeorm';
import type { ClientSecret } from '#provider-kit';
import type { Binding } from '../encryption/binding.js';
import type { Sealer } from '../encryption/sealer.js';
import { Connection } from '../entities/connection.entity.js';
import { CredentialSecret } from '../entities/credential-secret.entity.js';
import { newRowId } from '../row-id.js';
import { dataKeysOf } from './data-keys.js';

interface CredentialRow {
  readonly tenantId: string;
  readonly credentialId: string;
}

/** Stores a secret of client credentials, sealed, as that version. */
export async function insertSecret(
  manager: EntityManager,
  sealer: Sealer,
  { tenantId, credentialId, version }: CredentialRow & { readonly version: number },
  secret: ClientSecret,
): Promise<void> {
  const row = { id: newRowId(), tenantId, credentialId, version, kind: secret.kind, provedAt: null };
  const [key] = await dataKeysOf(manager, tenantId);
  const sealed = await sealer.seal(secret.value, key, secretBinding(row));
  await manager.insert(CredentialSecret, { ...row, sealed });
}

/**
 * Makes it the only secret of client credentials.
 * @returns false where connections use another secret, or have none to prove anything by
 */
export async function replaceSecrets(
  manager: EntityManager,
  sealer: Sealer,
  { tenantId, credentialId }: CredentialRow,
  secret: ClientSecret,
): Promise<boolean> {
  const rows = await manager.find(CredentialSecret, {
    where: { tenantId, credentialId },
    order: { version: 'ASC' },
  });
  // Proving a secret removes those before it: the oldest is the one the provider is known to accept.
  const [inUse] = rows;
  const keys = await dataKeysOf(manager, tenantId);
  const isInUse =
    inUse?.kind === secret.kind &&
    isSameText(await sealer.open(inUse.sealed, keys, secretBinding(inUse)), secret.value);
  const isProof = isInUse && secret.kind !== 'none';
  if (!isProof && (await manager.existsBy(Connection, { tenantId, credentialId }))) return false;
  const gone = isInUse ? rows.slice(1) : rows;
  if (gone.length > 0) await manager.delete(CredentialSecret, { id: In(gone.map(({ id }) => id)) });
  if (!isInUse) {
    const version = (rows.at(-1)?.version ?? 0) + 1;
    await insertSecret(manager, sealer, { tenantId, credentialId, version }, secret);
  }
  return true;
}

/** In a time that tells nothing of where they differ. */
function isSameText(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}

/** Shared with the token path, which reads the same rows through one function call. */
export function secretBinding(row: { id: string; tenantId: string; version: number }): Binding {
  return {
    tenantId: row.tenantId,
    table: 'credential_secrets',
    column: 'sealed',
    rowId: row.id,
    generation: row.version,
  };
}
