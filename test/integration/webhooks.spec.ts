import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { contactCenterClient } from '../support/onboarding.js';
import type { RoleProcess } from '../support/role-process.js';
import { type ToldTenant, toldTenant } from '../support/told-tenant.js';
import { answer, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

const hour = 3_600;

describe('webhooks, from real processes to a real receiver', () => {
  let installation: Installation;
  let api: Api;
  let worker: RoleProcess;
  let receiver: WebhookReceiver;
  let turn = 0;
  let told: ToldTenant;

  beforeAll(async () => {
    receiver = await startWebhookReceiver();
    installation = await startInstallation();
    api = await installation.startApi();
    worker = await installation.startWorker();
  }, 60_000);
  beforeEach(async () => {
    turn += 1;
    told = await toldTenant(installation, api, receiver, `acme-${turn}`);
  });
  afterEach(async () => {
    await told.remove();
    await installation.database.setClockOffset(0);
  });
  afterAll(async () => {
    await installation.close();
    await receiver.close();
  });

  it('delivers what a caller did, signed, without a secret or token in it', async () => {
    await told.addConnection('made');
    expect((await api.admin('DELETE', told.at('/connections/made'))).status).toBe(204);
    const [made, gone] = await told.received(2);
    expect(made).toMatchObject({
      type: 'connection.active',
      data: {
        tenant: told.tenant,
        connection: 'made',
        provider: 'vonage-contact-center',
        status: 'active',
        generation: 1,
      },
    });
    expect(gone).toMatchObject({
      type: 'connection.revoked',
      data: { connection: 'made', status: 'revoked' },
    });
    expect(made?.id).toMatch(/^msg_[0-9a-f]{32}$/);
    for (const message of [made, gone]) {
      if (!message) throw new Error('Expected two messages.');
      receiver.verify(message, told.hook.secret);
      expect(Math.abs(message.timestamp - Date.now() / 1_000)).toBeLessThan(30);
      expect(message.headers['content-type']).toBe('application/json');
    }
    await eventually(async () =>
      expect(
        (await told.deliveries()).map(({ status, last_status }: never) => [status, last_status]),
      ).toEqual([
        ['delivered', 204],
        ['delivered', 204],
      ]),
    );
  });

  it('keeps secrets and tokens out of messages, rows and logs', async () => {
    await told.addConnection('canary');
    await told.received(1);
    const { access_token: token } = (await api.admin('GET', told.at('/connections/canary/token'))).json;
    const [rows] = await installation.database.query<{ text: string }>(
      "select string_agg(d::text, '') || (select string_agg(w::text, '') from gk.webhooks w) as text from gk.deliveries d",
    );
    const places = [
      rows?.text ?? '',
      ...receiver.received(told.path).map(({ body, headers }) => body + JSON.stringify(headers)),
      ...installation.processes.flatMap(({ lines }) => lines),
    ];
    expect(places.join('').length).toBeGreaterThan(1_000);
    const { client_secret: secret } = contactCenterClient;
    for (const canary of [token, secret, told.hook.secret, told.hook.secret.slice(6), installation.adminKey])
      expect(places.filter((place) => place.includes(canary))).toEqual([]);
  });

  it('tries again after a failure, under the same id, with a signature of its own time', async () => {
    let attempts = 0;
    receiver.react(told.path, (response) =>
      answer(++attempts <= 2 ? 500 : 200)(response, undefined as never),
    );
    await told.happen('degraded');
    await told.received(1);
    await eventually(async () =>
      expect(await told.deliveries('?status=pending')).toMatchObject([
        { attempts: 1, last_status: 500, last_error: 'unexpected_status' },
      ]),
    );
    const messages = await told.receivedInTime(3, 20);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    expect(messages[0]?.data).toMatchObject({ code: 'invalid_client', remedy: expect.any(String) });
    for (const message of messages) receiver.verify(message, told.hook.secret);
    expect((messages[2]?.timestamp ?? 0) - (messages[0]?.timestamp ?? 0)).toBeGreaterThanOrEqual(15);
    await eventually(async () =>
      expect(await told.deliveries('?status=delivered')).toMatchObject([{ attempts: 3, last_error: null }]),
    );
  });

  it('holds later events of a connection back while an earlier one fails, and no others', async () => {
    await told.addConnection('other');
    await told.received(1);
    let refuse = true;
    receiver.react(told.path, (response, message) =>
      answer(refuse && message.data['connection'] === 'main' ? 503 : 204)(response, message),
    );
    await told.happen('degraded');
    await told.received(2);
    await told.happen('active');
    await told.happen('reauthorization_required');
    await told.happen('degraded', 'other');
    await told.received(3);
    await sleep(1_500);
    expect(new Set(told.types().slice(1))).toEqual(new Set(['main degraded', 'other degraded']));
    refuse = false;
    await told.receivedInTime(6, 20);
    await eventually(() =>
      expect(told.types().slice(-2)).toEqual(['main active', 'main reauthorization_required']),
    );
  });

  it('gives up after a day, shows it, and sends it again by hand under the same id', async () => {
    receiver.react(told.path, answer(500));
    await told.happen('degraded');
    const [first] = await told.received(1);
    await eventually(async () =>
      expect(await told.deliveries('?status=pending')).toMatchObject([{ attempts: 1 }]),
    );
    await installation.database.setClockOffset(24 * hour + 60);
    await told.received(2);
    const [dead] = await eventually(async () => {
      const items = await told.deliveries('?status=dead');
      expect(items.length).toBe(1);
      return items;
    });
    expect(dead).toMatchObject({
      id: first?.id,
      last_status: 500,
      next_attempt_at: null,
      delivered_at: null,
    });
    receiver.react(told.path, answer(200));
    expect(await api.admin('POST', told.at(`/deliveries/${dead.id}/resend`))).toMatchObject({
      status: 200,
      json: { id: dead.id, status: 'pending' },
    });
    const messages = await told.received(3);
    expect(messages[2]?.id).toBe(first?.id);
    await eventually(async () =>
      expect(await told.deliveries('?status=delivered')).toMatchObject([{ id: dead.id }]),
    );
    const nested = told.at(`/webhooks/${told.hook.id}/deliveries/${dead.id}/resend`);
    expect((await api.admin('POST', nested)).status).toBe(200);
    await told.received(4);
  });

  it('gives up after a day what it cannot sign, and says why', async () => {
    await installation.database.query('update gk.webhooks set sealed = reverse(sealed) where id = $1', [
      told.hook.id,
    ]);
    await told.happen('degraded');
    await eventually(async () =>
      expect(await told.deliveries('?status=pending')).toMatchObject([
        { attempts: 1, last_status: null, last_error: 'secret_unreadable' },
      ]),
    );
    await installation.database.setClockOffset(24 * hour + 60);
    await eventually(async () =>
      expect(await told.deliveries('?status=dead')).toMatchObject([{ last_error: 'secret_unreadable' }]),
    );
    expect(receiver.received(told.path)).toEqual([]);
  });

  it('makes an attempt again whose worker was killed, under the same id', async () => {
    let release = (): void => undefined;
    receiver.react(told.path, async (response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      answer(204)(response, undefined as never);
    });
    await told.happen('degraded');
    const [first] = await told.received(1);
    await worker.stop('SIGKILL');
    release();
    receiver.react(told.path, answer(204));
    expect(await told.deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }]);
    worker = await installation.startWorker();
    await sleep(500);
    expect(receiver.received(told.path).length).toBe(1);
    await installation.database.setClockOffset(31);
    const [, second] = await told.received(2);
    expect(second?.id).toBe(first?.id);
    await eventually(async () =>
      expect(await told.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]),
    );
  });

  it('finishes on SIGTERM what is under way', async () => {
    const begun = new Promise<void>((resolve) => {
      receiver.react(told.path, async (response, message) => {
        resolve();
        await sleep(1_500);
        answer(204)(response, message);
      });
    });
    await told.happen('degraded');
    await begun;
    expect(await worker.stop()).toBe(0);
    expect(await told.deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }]);
    worker = await installation.startWorker();
  });

  it('makes each attempt by one of several workers', async () => {
    const many = 12;
    const second = await installation.startWorker();
    receiver.react(told.path, async (response, message) => {
      await sleep(50);
      answer(204)(response, message);
    });
    for (let n = 0; n < many; n += 1) {
      await told.happen(n % 2 === 0 ? 'degraded' : 'active');
    }
    const messages = await told.received(many, 20_000);
    await second.stop();
    expect(messages.length).toBe(many);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(many);
    expect(messages.every(({ atOnce }) => atOnce === 1)).toBe(true);
    expect(told.types()).toEqual(
      Array.from({ length: many }, (_, n) => `main ${n % 2 === 0 ? 'degraded' : 'active'}`),
    );
  });

  it('tells a disabled tenant nothing until it is enabled', async () => {
    await api.admin('PATCH', told.at(''), { disabled: true });
    await told.happen('degraded');
    await sleep(1_500);
    expect(receiver.received(told.path)).toEqual([]);
    await api.admin('PATCH', told.at(''), { disabled: false });
    expect((await told.received(1))[0]?.type).toBe('connection.degraded');
  });

  it('leaves an endpoint alone that says it is gone', async () => {
    receiver.react(told.path, answer(410));
    await told.happen('degraded');
    await told.received(1);
    await eventually(async () =>
      expect((await api.admin('GET', told.at(`/webhooks/${told.hook.id}`))).json.disabled_at).not.toBeNull(),
    );
    const [dead] = await told.deliveries('?status=dead');
    expect(await api.admin('POST', told.at(`/deliveries/${dead.id}/resend`))).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
    await told.happen('active');
    expect((await told.deliveries()).length).toBe(1);
  });

  it('follows no redirect', async () => {
    receiver.react(told.path, answer(302, { location: `${receiver.origin}/elsewhere` }));
    await told.happen('degraded');
    await eventually(async () =>
      expect(await told.deliveries()).toMatchObject([{ last_status: 302, last_error: 'redirect_refused' }]),
    );
    expect(receiver.received('/elsewhere')).toEqual([]);
  });

  it('waits ten seconds for an answer, and heeds what the answer asks', async () => {
    receiver.react(told.path, () => undefined);
    await told.happen('degraded');
    await told.received(1);
    const beganAtMs = performance.now();
    await eventually(
      async () =>
        expect(await told.deliveries()).toMatchObject([
          { last_status: null, last_error: 'upstream_timeout' },
        ]),
      14_000,
    );
    expect(performance.now() - beganAtMs).toBeGreaterThan(8_500);
    receiver.react(told.path, answer(429, { 'retry-after': '1800' }));
    await told.receivedInTime(2, 20);
    const [{ next_attempt_at: next, last_attempted_at: last }] = await eventually(async () => {
      const items = await told.deliveries();
      expect(items).toMatchObject([{ last_status: 429 }]);
      return items;
    });
    expect((Date.parse(next) - Date.parse(last)) / 1_000).toBeGreaterThanOrEqual(1_800);
  });

  it.each([
    ['http://receiver.example/hook'],
    ['https://10.0.0.1/hook'],
    ['https://169.254.169.254/latest/meta-data'],
    ['https://[::1]/hook'],
    ['https://user:password@receiver.example/hook'],
    ['ftp://receiver.example/hook'],
    ['not a url'],
  ])('is not added for %s', async (url) => {
    expect(await api.admin('POST', told.at('/webhooks'), { url })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ field: 'url' }] },
    });
  });

  it('judges an address again at each delivery, by what it resolves to', async () => {
    const hook = await told.addHook({ url: 'https://localhost/hook', events: ['connection.degraded'] });
    await told.happen('degraded');
    await eventually(async () =>
      expect(await told.deliveries('', hook)).toMatchObject([
        { status: 'pending', last_error: 'egress_refused' },
      ]),
    );
  });

  it('announces the end of a grant that cannot be extended', async () => {
    await installation.database.query(
      "update gk.connections set grant_ends_at = gk.now() + interval '20 days' where tenant_id = (select id from gk.tenants where slug = $1)",
      [told.tenant],
    );
    await installation.database.setClockOffset(13.5 * 24 * hour);
    await worker.stop();
    worker = await installation.startWorker();
    const messages = await eventually(() => {
      const expiring = receiver.received(told.path).filter(({ type }) => type === 'connection.expiring');
      expect(expiring.length).toBe(1);
      return expiring;
    });
    expect(messages[0]?.data).toMatchObject({ connection: 'main', expires_at: expect.any(String) });
    const history = (await api.admin('GET', told.at('/connections/main/events'))).json.items;
    expect(history).toContainEqual(
      expect.objectContaining({ type: 'connection.expiring', data: expect.objectContaining({ days: 7 }) }),
    );
  });
});
