import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import { addCredential, addWebhook, openVault, type TestVault } from '../spec-support/vault.js';

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

  it('goes in pieces, and tells its webhooks nothing', async () => {
    await addWebhook(vault, tenant.tenantId);
    expect(await vault.tenants.remove(tenant.slug)).toBe(tenant.tenantId);
    expect((await pieces()).slice(0, 4)).toEqual([1_000, 1_000, 1_000, 500]);
    expect(Math.max(...(await pieces()))).toBe(1_000);
    expect(await left()).toBe(0);
    expect(await vault.tenants.find(tenant.slug)).toBeUndefined();
    expect(await database.query('select 1 from gk.deliveries')).toEqual([]);
    expect(await vault.tenants.remove(tenant.slug)).toBeUndefined();
  });

  it('leaves the tenant disabled when it breaks off, and is done by asking again', async () => {
    await database.query('insert into public.broken default values');
    await expect(vault.tenants.remove(tenant.slug)).rejects.toThrow('broken off');
    expect(await left()).toBe(count - 2_000);
    expect(await vault.tenants.find(tenant.slug)).toMatchObject({ disabled: true });

    await database.query('truncate public.broken');
    expect(await vault.tenants.remove(tenant.slug)).toBe(tenant.tenantId);
    expect(await left()).toBe(0);
  });

  it('spares a new tenant of that name, where it was asked for twice and the other was done first', async () => {
    const platform = vault.database.inPlatform.bind(vault.database);
    jest.spyOn(vault.database, 'inPlatform').mockImplementationOnce(async (work) => {
      expect(await vault.tenants.remove(tenant.slug)).toBe(tenant.tenantId);
      await vault.tenants.create({ slug: tenant.slug, name: 'new' });
      return platform(work);
    });
    expect(await vault.tenants.remove(tenant.slug)).toBeUndefined();
    expect(await vault.tenants.get(tenant.slug)).toMatchObject({ name: 'new', disabledAt: null });
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
    const removal = vault.tenants.remove(tenant.slug);
    try {
      while ((await left()) > 1);
    } finally {
      letGo();
    }
    await writing;
    expect(await removal).toBe(tenant.tenantId);
    expect(await left()).toBe(0);
  });
});
