import { VaultError } from '../vault.errors.js';
import { boundHeader } from './binding.js';
import type { KekProvider } from './kek-provider.js';

type Query = (sql: string, parameters: unknown[]) => Promise<{ wrapped: string }[]>;

/**
 * The secret that HMAC keys are derived from where the key-encryption key cannot be had: 32 bytes, made once for each
 * key-encryption key, wrapped by it, and kept in the database. Replicas that make it at once end up with the same.
 * @throws VaultError `cannot_open`, `kek_unavailable`
 */
export async function storedMacSecret(
  query: Query,
  deploymentId: string,
  kid: string,
  provider: KekProvider,
): Promise<Uint8Array> {
  const bound = boundHeader(deploymentId, {
    tenantId: 'platform',
    table: 'mac_keys',
    column: 'wrapped',
    rowId: kid,
    generation: 1,
  });
  const stored = async () =>
    (await query('select wrapped from gk.mac_keys where kid = $1', [kid]))[0]?.wrapped;
  let wrapped = await stored();
  if (wrapped === undefined) {
    const made = await provider.newDataKey(bound);
    await query('insert into gk.mac_keys (kid, wrapped) values ($1, $2) on conflict do nothing', [
      kid,
      made.wrapped,
    ]);
    wrapped = (await stored()) ?? made.wrapped;
  }
  return provider.unwrap(wrapped, bound).catch((error: unknown) => {
    if (!(error instanceof VaultError) || error.code !== 'cannot_open') throw error;
    throw new VaultError('cannot_open', `It is in gk.mac_keys: "${kid}" stood for another key before.`);
  });
}
