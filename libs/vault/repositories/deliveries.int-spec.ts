import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, Stopwatch, type TestDatabase } from '#testing';
import { ends, outboxOf, type TestOutbox } from '../spec-support/outbox.js';
import {
  addConnection,
  addCredential,
  addWebhook,
  claimNow,
  commitNow,
  openVault,
  type TestVault,
} from '../spec-support/vault.js';

describe('the outbox of webhooks', () => {
  let database: TestDatabase;
  let vault: TestVault;

  let tenant: { tenantId: string; slug: string; credentialId: string };
  let outbox: TestOutbox;

  beforeAll(async () => {
    database = await createTestDatabase();
    vault = await openVault(database.url);
  });
  beforeEach(async () => {
    await database.setClockOffset(0);
    await database.query('delete from gk.webhooks');
    tenant = await addCredential(vault);
    outbox = outboxOf(database, vault, tenant);
  });
  afterAll(async () => {
    await vault.close();
    await database.drop();
  });

  it('gets a delivery in the transaction of the event, and for the subscribed types only', async () => {
    const all = await addWebhook(vault, tenant.tenantId);
    await addWebhook(vault, tenant.tenantId, ['connection.expiring', 'connection.revoked']);
    const { id } = await addConnection(vault, tenant);
    const target = { tenantId: tenant.tenantId, connectionId: id, generation: 0 };
    await commitNow(vault, await claimNow(vault, target), 'an access token');
    await outbox.happen(id, 'connection.authorization_failed');
    const rows = await database.query('select webhook_id, type, status, payload from gk.deliveries');
    expect(rows).toEqual([
      {
        webhook_id: all.id,
        type: 'connection.active',
        status: 'pending',
        payload: {
          type: 'connection.active',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          data: {
            tenant: tenant.slug,
            connection: 'main',
            provider: 'some-provider',
            status: 'active',
            generation: 1,
          },
        },
      },
    ]);
    await expect(
      vault.database.inTenant(tenant.tenantId, async (manager) => {
        await manager.query(
          "insert into gk.connection_events (tenant_id, connection_id, type, data, created_at) values ($1, $2, 'connection.degraded', '{}', gk.now())",
          [tenant.tenantId, id],
        );
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    expect((await database.query('select 1 from gk.deliveries')).length).toBe(1);
  });

  it('tells of the removal of a connection that had a grant, and outlives it', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    await vault.connections.remove(tenant.tenantId, await outbox.connection('had one', 3));
    await vault.connections.remove(tenant.tenantId, (await addConnection(vault, tenant, 'never had one')).id);
    const { items } = await vault.deliveries.list(tenant.tenantId, webhookId, undefined, { limit: 10 });
    expect(items.map(({ connection: of, type, payload }) => ({ of, type, payload }))).toEqual([
      {
        of: 'had one',
        type: 'connection.revoked',
        payload: expect.objectContaining({
          data: expect.objectContaining({ connection: 'had one', status: 'revoked', generation: 3 }),
        }),
      },
    ]);
  });

  it('tells why the grant of a removed connection may live on at its provider', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    const failure = { code: 'temporarily_unavailable', remedy: 'End it there.' };
    await vault.connections.remove(tenant.tenantId, await outbox.connection('kept there', 3), failure);
    await vault.connections.remove(tenant.tenantId, await outbox.connection('gone there', 3));
    const { items } = await vault.deliveries.list(tenant.tenantId, webhookId, undefined, { limit: 10 });
    const told = items.map(({ payload }) => (payload as { data: Record<string, unknown> }).data);
    expect(told).toContainEqual(expect.objectContaining({ connection: 'kept there', ...failure }));
    const other = told.find(({ connection }) => connection === 'gone there');
    expect(other).toMatchObject({ status: 'revoked' });
    expect(other).not.toHaveProperty('code');
  });

  it('goes with its tenant, whose removal needs no telling', async () => {
    await addWebhook(vault, tenant.tenantId);
    await outbox.happen(await outbox.connection('a'));
    expect(await vault.tenantRemovals.remove(tenant.slug, 60_000)).toMatchObject({ isDone: true });
    expect(await database.query('select 1 from gk.deliveries')).toEqual([]);
  });

  it('is written to without waiting for the removal of a webhook, and the removal for it', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    const id = await outbox.connection('a');
    let tookMs = Number.POSITIVE_INFINITY;
    await vault.database.inTenant(tenant.tenantId, async (manager) => {
      await manager.query('delete from gk.webhooks where id = $1', [webhookId]);
      using watch = new Stopwatch();
      await outbox.happen(id);
      tookMs = watch.elapsedMs();
    });
    expect(tookMs).toBeLessThan(4_000);
    expect(await database.query('select 1 from gk.deliveries')).toEqual([]);
  });

  it('sends nothing more to an endpoint that is gone', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    const id = await outbox.connection('a');
    await outbox.happen(id);
    await outbox.happen(id, 'connection.active');
    const claimed = await outbox.claimOne();
    await vault.deliveries.end(claimed, ends.gone);
    const { items } = await vault.deliveries.list(tenant.tenantId, webhookId, 'dead', { limit: 10 });
    expect(items.map(({ lastError, lastStatus }) => [lastError, lastStatus])).toEqual([
      ['unexpected_status', 410],
      ['webhook_disabled', null],
    ]);
    expect((await vault.webhooks.find(tenant.tenantId, webhookId))?.disabledAt).toBeInstanceOf(Date);
    await outbox.happen(id);
    expect((await database.query('select 1 from gk.deliveries')).length).toBe(2);
    const { messageId = '' } = items[0] ?? {};
    expect(await vault.deliveries.resend(tenant.tenantId, messageId)).toBe('webhook_disabled');
  });

  it('leaves nothing waiting at an endpoint that is gone of what happens just then', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    const id = await outbox.connection('a');
    await outbox.happen(id);
    const claimed = await outbox.claimOne();
    let ended: Promise<boolean> = Promise.resolve(false);
    await vault.database.inTenant(tenant.tenantId, async (manager) => {
      await manager.query(
        "insert into gk.connection_events (tenant_id, connection_id, type, data, created_at) values ($1, $2, 'connection.active', '{}', gk.now())",
        [tenant.tenantId, id],
      );
      ended = vault.deliveries.end(claimed, ends.gone);
      await Promise.race([ended, sleep(500)]);
    });
    expect(await ended).toBe(true);
    const { items } = await vault.deliveries.list(tenant.tenantId, webhookId, undefined, { limit: 10 });
    expect(items.map(({ status }) => status)).toEqual(['dead', 'dead']);
  });

  it('is made pending again by hand, under the same message id, for another day', async () => {
    const { id: webhookId } = await addWebhook(vault, tenant.tenantId);
    await outbox.happen(await outbox.connection('a'));
    const list = async () =>
      (await vault.deliveries.list(tenant.tenantId, webhookId, undefined, { limit: 10 })).items;
    const [{ messageId = '' } = {}] = await list();
    expect(await vault.deliveries.resend(tenant.tenantId, messageId)).toBe('still_pending');
    const claimed = await outbox.claimOne();
    await vault.deliveries.end(claimed, ends.dead);
    await database.setClockOffset(25 * 3_600);
    expect(await vault.deliveries.resend(tenant.tenantId, messageId, randomUUID())).toBeNull();
    expect(await vault.deliveries.resend(tenant.tenantId, messageId, webhookId)).toMatchObject({
      messageId,
      status: 'pending',
      attempts: 0,
    });
    const again = await outbox.claimOne();
    const loaded = await vault.deliveries.load(again);
    expect(loaded).toMatchObject({ messageId, attempts: 1 });
    expect(Math.round((loaded?.giveUpInMs ?? 0) / 3_600_000)).toBe(24);
    expect((await list()).map((delivery) => delivery.messageId)).toEqual([messageId]);
  });

  it('is filled for no more webhooks than a renewal can bear', async () => {
    for (let n = 0; n < 45; n += 1) await addWebhook(vault, tenant.tenantId);
    const atOnce = await Promise.all(
      Array.from({ length: 10 }, () =>
        addWebhook(vault, tenant.tenantId).then(
          () => 'added',
          (error: { code?: string }) => error.code,
        ),
      ),
    );
    expect(atOnce.sort()).toEqual([...Array(5).fill('added'), ...Array(5).fill('too_many')]);
  });

  it('opens the secret for the webhook it was sealed for, and for no other', async () => {
    await addWebhook(vault, tenant.tenantId);
    await outbox.happen(await outbox.connection('a'));
    const claimed = await outbox.claimOne();
    expect((await vault.deliveries.load(claimed))?.secret).toMatch(/^whsec_/);
    const { id } = await addWebhook(vault, tenant.tenantId, ['connection.revoked']);
    await database.query(
      'update gk.webhooks set sealed = (select sealed from gk.webhooks where id = $1) where id <> $1',
      [id],
    );
    expect(await vault.deliveries.load(claimed)).toMatchObject({ secret: null, attempts: 1 });
  });
});
