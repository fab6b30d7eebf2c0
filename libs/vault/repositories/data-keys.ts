import type { EntityManager } from 'typeorm';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import { TenantKey } from '../entities/tenant-key.entity.js';
import { VaultError } from '../vault.errors.js';

/** The tenant's wrapped data keys, newest first: the first seals. */
export async function dataKeysOf(
  manager: EntityManager,
  tenantId: string,
): Promise<readonly [WrappedDataKey, ...WrappedDataKey[]]> {
  const [newest, ...older] = await manager.find(TenantKey, {
    where: { tenantId },
    order: { version: 'DESC' },
  });
  if (!newest) throw new VaultError('tenant_gone');
  return [newest, ...older];
}
