import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  addConnection,
  addCredential,
  addWebhook,
  openVault,
  type TestVault,
} from '../spec-support/vault.js';

const count = 3_500;

describe('the removal of a tenant with many connections', () => {
  let database: TestDatabase;
  let vault: TestVault;
  let tenant: { tenantId: string; slug: string; credentialId: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
    await database.query('create table public.pieces (size integer)');
    // Every statement that removes connections is counted; the third fails while `public.broken` has a row.
    await database.query('create table public.broken ()');
    await database.query(
      `create function public.count_piece() returns trigger language plpgsql security definer as $$
       begin
         insert into public.pieces select count(*) from gone;
         if (select count(*) from public.pieces) = 3 and exists (select from public.broken) then
           raise exception 'broken off';
         end if;
         return null;
       end $$`,
    );
    await database.query(
      `create trigger count_piece after delete on gk.connections referencing old table as gone
       for each statement execute function public.count_piece()`,
    );
  });
  beforeEach(async () => {
    await database.query('truncate public.pieces, public.broken');
    tenant = await addCredential(vault);
    await database.query(
      `insert into gk.connections (id, tenant_id, slug, credential_id, "grant", renewal, status, generation, rotating)
       select gen_random_uuid(), $1, 'c' || n, $2, 'client_credentials', 'eager', 'active', 1, false
       from generate_series(1, $3::int) n`,
      [tenant.tenantId, tenant.credentialId, count],
    );
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  const left = async () => (await database.query('select 1 from gk.connections')).length;
  const pieces = async () =>
    (await database.query<{ size: number }>('select size from public.pieces')).map(({ size }) => size);

  const remove = (timeMs = 60_000) => vault.tenantRemovals.remove(tenant.slug, timeMs);

  it('goes in pieces, and tells its webhooks nothing', async () => {
    await addWebhook(vault, tenant.tenantId);
    expect(await remove()).toEqual({ id: tenant.tenantId, isDone: true });
    expect((await pieces()).slice(0, 4)).toEqual([1_000, 1_000, 1_000, 500]);
    expect(Math.max(...(await pieces()))).toBe(1_000);
    expect(await left()).toBe(0);
    expect(await vault.tenants.find(tenant.slug)).toBeUndefined();
    expect(await database.query('select 1 from gk.deliveries')).toEqual([]);
    expect(await remove()).toBeUndefined();
  });

  it('is no tenant any more from its beginning, and nothing of it opens', async () => {
    const credential = await vault.credentials.find(tenant.tenantId, 'main');
    expect(await remove(0)).toEqual({ id: tenant.tenantId, isDone: false });
    expect(await left()).toBe(count);
    expect(await vault.tenants.find(tenant.slug)).toBeUndefined();
    expect(await vault.tenants.get(tenant.slug)).toBeNull();
    expect(await vault.tenants.update(tenant.slug, { disabled: false })).toBeNull();
    expect((await vault.tenants.list({ limit: 100 })).items.map(({ id }) => id)).not.toContain(
      tenant.tenantId,
    );
    expect(
      await database.query('select disabled_at is not null as disabled from gk.tenants where id = $1', [
        tenant.tenantId,
      ]),
    ).toEqual([{ disabled: true }]);
    await expect(vault.tenants.create({ slug: tenant.slug, name: 'new' })).rejects.toMatchObject({
      code: 'duplicate',
    });
    const replica = await openVault(database.url);
    try {
      if (!credential) throw new Error('There is one.');
      await expect(replica.credentials.openSecrets(credential)).rejects.toMatchObject({
        code: 'tenant_gone',
      });
    } finally {
      await replica.close();
    }
    expect(await vault.tenantRemovals.goOn(60_000)).toBe(false);
  });

  it('goes on wherever it has stopped, in whichever process, until its name is free', async () => {
    await database.query('insert into public.broken default values');
    await expect(remove()).rejects.toThrow('broken off');
    expect(await left()).toBe(count - 2_000);
    await database.query('truncate public.broken');
    expect(await remove(0)).toEqual({ id: tenant.tenantId, isDone: false });
    expect(await vault.tenantRemovals.goOn(0)).toBe(true);
    expect(await left()).toBe(count - 2_000);

    const [other, none] = [await vault.tenantRemovals.goOn(60_000), await vault.tenantRemovals.goOn(60_000)];
    expect([other, none]).toEqual([false, false]);
    expect(await left()).toBe(0);
    expect(await remove()).toBeUndefined();
    expect(await vault.tenants.create({ slug: tenant.slug, name: 'new' })).toMatchObject({ name: 'new' });
  });

  it('says not done to whom asks again, although that ends it', async () => {
    await remove(0);
    expect(await remove()).toEqual({ id: tenant.tenantId, isDone: false });
    expect(await remove()).toBeUndefined();
  });

  it('spares a new tenant of that name, where it was asked for twice and the other was done first', async () => {
    const inTenant = vault.database.inTenant.bind(vault.database);
    jest.spyOn(vault.database, 'inTenant').mockImplementationOnce(async (id, work) => {
      const result = await inTenant(id, work);
      expect(await remove()).toMatchObject({ isDone: true });
      await vault.tenants.create({ slug: tenant.slug, name: 'new' });
      return result;
    });
    expect(await remove()).toBeUndefined();
    expect(await vault.tenants.get(tenant.slug)).toMatchObject({ name: 'new', disabledAt: null });
  });

  it('tells replicas of it in few words', async () => {
    const listener = new Client({ connectionString: database.url });
    const heard: string[] = [];
    listener.on('notification', ({ payload = '' }) => heard.push(payload));
    await listener.connect();
    try {
      await listener.query('listen gk_changes');
      await remove();
      const few = await addCredential(vault);
      const ids = [];
      for (const slug of ['a', 'b']) ids.push((await addConnection(vault, few, slug)).id);
      await vault.database.inTenant(few.tenantId, (manager) => manager.query('delete from gk.connections'));
      await listener.query('select 1');
      const ofTenant = heard.filter((payload) => payload.includes(tenant.tenantId));
      expect(ofTenant.length).toBeLessThan(10);
      expect(new Set(ofTenant.map((payload) => payload.split(' ')[0]))).toEqual(new Set(['tenant']));
      const ofFew = heard.filter(
        (payload) => payload.startsWith('connection ') && payload.endsWith(few.tenantId),
      );
      expect(ofFew.map((payload) => payload.split(' ')[1]?.split(',').sort())).toEqual([ids.sort()]);
    } finally {
      await listener.end();
    }
  });

  it('does not wait for a connection that is being written until only the tenant is left', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: locked, resolve: onLocked } = Promise.withResolvers<void>();
    const writing = vault.database.inTenant(tenant.tenantId, async (manager) => {
      await manager.query("select 1 from gk.connections where slug = 'c7' for update");
      onLocked();
      await held;
    });
    await locked;
    const removal = remove();
    try {
      while ((await left()) > 1);
    } finally {
      letGo();
    }
    await writing;
    expect(await removal).toMatchObject({ isDone: true });
    expect(await left()).toBe(0);
  });
});
