import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { isDatabaseOutage } from '../database-outage.js';
import {
  addConnection,
  addCredential,
  claimNow,
  openVault,
  type TestVault,
  tokens,
} from '../spec-support/vault.js';

describe('questions of the same moment', () => {
  let database: TestDatabase;
  let vault: TestVault;
  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  /** Tokens of tenants whose connections have the same name. */
  async function tenantsWithToken(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const credential = await addCredential(vault);
      const { id: connectionId } = await addConnection(vault, credential);
      const claim = await claimNow(vault, { tenantId: credential.tenantId, connectionId, generation: 0 });
      const loaded = await vault.renewals.load(claim);
      if (!loaded) throw new Error('Expected a loaded claim.');
      await vault.renewals.commit(claim, loaded, tokens(`of ${credential.tenantId}`));
      ids.push(credential.tenantId);
    }
    return ids;
  }
  const tokenOf = async (tenantId: string, slug = 'main') =>
    (await vault.tokens.read(tenantId, slug))?.token?.accessToken;
  const statements = () => jest.spyOn(vault.database, 'callPrepared');

  it('are one statement, each answered with rows of its own tenant', async () => {
    const tenants = await tenantsWithToken(3);
    const sent = statements();
    const asked = [...tenants, ...tenants.slice(0, 1)].map((id) => tokenOf(id));
    const strange = [tokenOf(tenants[0] ?? '', 'other'), tokenOf(randomUUID())];
    expect(await Promise.all(asked)).toEqual([...tenants, tenants[0]].map((id) => `of ${id}`));
    expect(await Promise.all(strange)).toEqual([undefined, undefined]);
    expect(sent).toHaveBeenCalledTimes(1);
    await tokenOf(tenants[0] ?? '');
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it('are 64 in one statement at most', async () => {
    const [tenant = ''] = await tenantsWithToken(1);
    const sent = statements();
    await Promise.all(Array.from({ length: 65 }, () => tokenOf(tenant)));
    expect(sent.mock.calls.map(([, , [ids]]) => (ids as string[]).length)).toEqual([64, 1]);
  });

  it('do not fail with one that the database refuses', async () => {
    const [tenant = ''] = await tenantsWithToken(1);
    const [good, refused, alsoGood] = await Promise.allSettled([
      tokenOf(tenant),
      tokenOf(tenant, 'ma\0in'),
      tokenOf(tenant),
    ]);
    expect([good, alsoGood]).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: `of ${tenant}` })));
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: '22021' } });
  });

  it('are not asked one by one of a database that cannot be reached', async () => {
    const [tenant = ''] = await tenantsWithToken(1);
    const restore = await database.interrupt();
    const sent = statements();
    try {
      const answers = await Promise.allSettled(Array.from({ length: 10 }, () => tokenOf(tenant)));
      for (const answer of answers) {
        expect(answer.status === 'rejected' && isDatabaseOutage(answer.reason)).toBe(true);
      }
      expect(sent).toHaveBeenCalledTimes(1);
    } finally {
      await restore();
    }
  });

  it('look up several API keys, each for itself', async () => {
    const hashes = [randomBytes(32), randomBytes(32)] as const;
    const row = { tenantId: null, name: 'x', connections: null, expiresAt: null };
    await vault.apiKeys.create({ ...row, role: 'platform_admin', hash: hashes[0] });
    await vault.apiKeys.create({ ...row, role: 'token_reader', hash: hashes[1] });
    const sent = jest.spyOn(vault.database, 'call');
    const asked = [...hashes, randomBytes(32), hashes[0]];
    const found = await Promise.all(asked.map((hash) => vault.apiKeys.findUsable(hash)));
    expect(found.map((key) => key?.role)).toEqual([
      'platform_admin',
      'token_reader',
      undefined,
      'platform_admin',
    ]);
    expect(sent).toHaveBeenCalledTimes(1);
  });
});
