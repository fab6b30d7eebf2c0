import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { Credential } from '../entities/credential.entity.js';
import { openVault, populate, type TestVault } from '../spec-support/vault.js';

let database: TestDatabase;
let vault: TestVault;
beforeAll(async () => {
  database = await createTestDatabase();
  vault = await openVault(database.url);
});
afterAll(async () => {
  await vault.close();
  await database.drop();
});

describe('a change of client credentials', () => {
  it('that was made from settings which are no longer there changes nothing', async () => {
    const { tenantId, credentialId } = await populate(vault);
    const credential = await vault.database.inTenant(tenantId, (manager) =>
      manager.findOneByOrFail(Credential, { id: credentialId }),
    );
    const change = (settings: Record<string, unknown>) =>
      vault.credentials.update(tenantId, credential, { clientId: 'changed', settings, upstream: 'x' });
    expect(await change({ where: 'here' })).toMatchObject({ settings: { where: 'here' } });
    expect(await change({ where: 'there' })).toBe('changed_meanwhile');
    expect(await vault.credentials.find(tenantId, credential.slug)).toMatchObject({
      settings: { where: 'here' },
    });
  });
});
