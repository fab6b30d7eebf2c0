import { createHash } from 'node:crypto';
import type { Binding } from '../encryption/binding.js';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import type { Sealer } from '../encryption/sealer.js';
import { VaultError } from '../vault.errors.js';

/** The members of client credentials that decide where their secrets and tokens are sent, and by which client. */
export interface SealedMembers {
  readonly id: string;
  readonly tenantId: string;
  readonly provider: string;
  readonly clientId: string;
  readonly settings: Record<string, unknown>;
}

/** Seals a digest of these members under the tenant's data key: who writes the database cannot make one for others. */
export function sealCredential(sealer: Sealer, key: WrappedDataKey, members: SealedMembers): Promise<string> {
  return sealer.seal(digestOf(members), key, sealBinding(members));
}

/** @throws VaultError `cannot_open` where the members are not those that were sealed */
export async function checkCredentialSeal(
  sealer: Sealer,
  keys: readonly WrappedDataKey[],
  members: SealedMembers,
  seal: string,
): Promise<void> {
  const digest = await sealer.open(seal, keys, sealBinding(members));
  if (digest !== digestOf(members)) {
    throw new VaultError(
      'cannot_open',
      'Provider, client id or settings of the client credentials were changed in the database, not through the API.',
    );
  }
}

function digestOf({ provider, clientId, settings }: SealedMembers): string {
  return createHash('sha256')
    .update(canonical([provider, clientId, settings]))
    .digest('base64url');
}

/** JSON with the members of every object in one order: `jsonb` keeps none. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function sealBinding({ id, tenantId }: SealedMembers): Binding {
  return { tenantId, table: 'credentials', column: 'seal', rowId: id, generation: 1 };
}
