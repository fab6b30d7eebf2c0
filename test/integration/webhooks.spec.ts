import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';
import type { RoleProcess } from '../support/role-process.js';
import { answer, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

const hour = 3_600;

describe('webhooks, from real processes to a real receiver', () => {
  let installation: Installation;
  let api: Api;
  let worker: RoleProcess;
  let receiver: WebhookReceiver;
  let turn = 0;
  let tenant: string;
  let path: string;
  let hook: { id: string; secret: string };

  beforeAll(async () => {
    receiver = await startWebhookReceiver();
    installation = await startInstallation();
    api = await installation.startApi();
    worker = await installation.startWorker();
  }, 60_000);
  beforeEach(async () => {
    turn += 1;
    tenant = `acme-${turn}`;
    path = `/hook-${turn}`;
    await onboard(api.admin, { tenant, connection: 'main' });
    hook = await addHook();
  });
  afterEach(async () => {
    await api.admin('DELETE', `/v1/tenants/${tenant}`);
    await installation.database.setClockOffset(0);
  });
  afterAll(async () => {
    await installation.close();
    await receiver.close();
  });

  const at = (rest: string) => `/v1/tenants/${tenant}${rest}`;

  async function addHook(body: object = { url: receiver.origin + path }) {
    const added = await api.admin('POST', at('/webhooks'), body);
    if (added.status !== 201) throw new Error(added.text);
    return added.json;
  }

  /** An event with a code, as a failed renewal records it. */
  async function happen(type: string, connection = 'main'): Promise<void> {
    await installation.database.query(
      `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
       select c.tenant_id, c.id, $3, '{"code": "invalid_client"}', gk.now() from gk.connections c join gk.tenants t on t.id = c.tenant_id
       where t.slug = $1 and c.slug = $2`,
      [tenant, connection, `connection.${type}`],
    );
  }

  async function addConnection(id: string): Promise<void> {
    const body = { id, credential: 'client', grant: 'client_credentials' };
    expect((await api.admin('POST', at('/connections'), body)).status).toBe(201);
  }

  const deliveries = async (query = '') =>
    (await api.admin('GET', at(`/webhooks/${hook.id}/deliveries${query}`))).json.items;

  const received = (count: number, withinMs = 10_000) =>
    eventually(() => {
      const messages = receiver.received(path);
      expect(messages.length).toBeGreaterThanOrEqual(count);
      return messages;
    }, withinMs);

  /** Time passes for the database, as often as it takes until so many have come. */
  const receivedInTime = async (count: number, stepSeconds: number) => {
    for (let step = 1; receiver.received(path).length < count && step < 40; step += 1) {
      await installation.database.setClockOffset(step * stepSeconds);
      await sleep(300);
    }
    return received(count);
  };

  const types = () =>
    receiver.received(path).map(({ type, data }) => `${data['connection']} ${type.slice(11)}`);

  it('delivers what a caller did, signed, without a secret or token in it', async () => {
    await addConnection('made');
    expect((await api.admin('DELETE', at('/connections/made'))).status).toBe(204);
    const [made, gone] = await received(2);
    expect(made).toMatchObject({
      type: 'connection.active',
      data: {
        tenant,
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
      receiver.verify(message, hook.secret);
      expect(Math.abs(message.timestamp - Date.now() / 1_000)).toBeLessThan(30);
      expect(message.headers['content-type']).toBe('application/json');
    }
    await eventually(async () =>
      expect((await deliveries()).map(({ status, last_status }: never) => [status, last_status])).toEqual([
        ['delivered', 204],
        ['delivered', 204],
      ]),
    );
  });

  it('keeps secrets and tokens out of messages, rows and logs', async () => {
    await addConnection('canary');
    await received(1);
    const { access_token: token } = (await api.admin('GET', at('/connections/canary/token'))).json;
    const [rows] = await installation.database.query<{ text: string }>(
      "select string_agg(d::text, '') || (select string_agg(w::text, '') from gk.webhooks w) as text from gk.deliveries d",
    );
    const places = [
      rows?.text ?? '',
      ...receiver.received(path).map(({ body, headers }) => body + JSON.stringify(headers)),
      ...installation.processes.flatMap(({ lines }) => lines),
    ];
    expect(places.join('').length).toBeGreaterThan(1_000);
    const { client_secret: secret } = { client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=' };
    for (const canary of [token, secret, hook.secret, hook.secret.slice(6), installation.adminKey])
      expect(places.filter((place) => place.includes(canary))).toEqual([]);
  });

  it('tries again after a failure, under the same id, with a signature of its own time', async () => {
    let attempts = 0;
    receiver.react(path, (response) => answer(++attempts <= 2 ? 500 : 200)(response, undefined as never));
    await happen('degraded');
    await received(1);
    await eventually(async () =>
      expect(await deliveries('?status=pending')).toMatchObject([
        { attempts: 1, last_status: 500, last_error: 'unexpected_status' },
      ]),
    );
    const messages = await receivedInTime(3, 20);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    expect(messages[0]?.data).toMatchObject({ code: 'invalid_client', remedy: expect.any(String) });
    for (const message of messages) receiver.verify(message, hook.secret);
    expect((messages[2]?.timestamp ?? 0) - (messages[0]?.timestamp ?? 0)).toBeGreaterThanOrEqual(15);
    await eventually(async () =>
      expect(await deliveries('?status=delivered')).toMatchObject([{ attempts: 3, last_error: null }]),
    );
  });

  it('holds later events of a connection back while an earlier one fails, and no others', async () => {
    await addConnection('other');
    await received(1);
    let refuse = true;
    receiver.react(path, (response, message) =>
      answer(refuse && message.data['connection'] === 'main' ? 503 : 204)(response, message),
    );
    await happen('degraded');
    await received(2);
    await happen('active');
    await happen('reauthorization_required');
    await happen('degraded', 'other');
    await received(3);
    await sleep(1_500);
    expect(new Set(types().slice(1))).toEqual(new Set(['main degraded', 'other degraded']));
    refuse = false;
    await receivedInTime(6, 20);
    await eventually(() =>
      expect(types().slice(-2)).toEqual(['main active', 'main reauthorization_required']),
    );
  });

  it('gives up after a day, shows it, and sends it again by hand under the same id', async () => {
    receiver.react(path, answer(500));
    await happen('degraded');
    const [first] = await received(1);
    await eventually(async () =>
      expect(await deliveries('?status=pending')).toMatchObject([{ attempts: 1 }]),
    );
    await installation.database.setClockOffset(24 * hour + 60);
    await received(2);
    const [dead] = await eventually(async () => {
      const items = await deliveries('?status=dead');
      expect(items.length).toBe(1);
      return items;
    });
    expect(dead).toMatchObject({
      id: first?.id,
      last_status: 500,
      next_attempt_at: null,
      delivered_at: null,
    });
    receiver.react(path, answer(200));
    expect(await api.admin('POST', at(`/deliveries/${dead.id}/resend`))).toMatchObject({
      status: 200,
      json: { id: dead.id, status: 'pending' },
    });
    const messages = await received(3);
    expect(messages[2]?.id).toBe(first?.id);
    await eventually(async () =>
      expect(await deliveries('?status=delivered')).toMatchObject([{ id: dead.id }]),
    );
    const nested = at(`/webhooks/${hook.id}/deliveries/${dead.id}/resend`);
    expect((await api.admin('POST', nested)).status).toBe(200);
    await received(4);
  });

  it('makes an attempt again whose worker was killed, under the same id', async () => {
    let release = (): void => undefined;
    receiver.react(path, async (response) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      answer(204)(response, undefined as never);
    });
    await happen('degraded');
    const [first] = await received(1);
    await worker.stop('SIGKILL');
    release();
    receiver.react(path, answer(204));
    expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }]);
    worker = await installation.startWorker();
    await sleep(500);
    expect(receiver.received(path).length).toBe(1);
    await installation.database.setClockOffset(31);
    const [, second] = await received(2);
    expect(second?.id).toBe(first?.id);
    await eventually(async () =>
      expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]),
    );
  });

  it('makes each attempt by one of several workers', async () => {
    const second = await installation.startWorker();
    receiver.react(path, async (response, message) => {
      await sleep(50);
      answer(204)(response, message);
    });
    for (let n = 0; n < 30; n += 1) {
      await happen(n % 2 === 0 ? 'degraded' : 'active');
    }
    const messages = await received(30, 20_000);
    await second.stop();
    expect(messages.length).toBe(30);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(30);
    expect(messages.every(({ atOnce }) => atOnce === 1)).toBe(true);
    expect(types()).toEqual(
      Array.from({ length: 30 }, (_, n) => `main ${n % 2 === 0 ? 'degraded' : 'active'}`),
    );
  });

  it('tells a disabled tenant nothing until it is enabled', async () => {
    await api.admin('PATCH', at(''), { disabled: true });
    await happen('degraded');
    await sleep(1_500);
    expect(receiver.received(path)).toEqual([]);
    await api.admin('PATCH', at(''), { disabled: false });
    expect((await received(1))[0]?.type).toBe('connection.degraded');
  });

  it('leaves an endpoint alone that says it is gone', async () => {
    receiver.react(path, answer(410));
    await happen('degraded');
    await received(1);
    await eventually(async () =>
      expect((await api.admin('GET', at(`/webhooks/${hook.id}`))).json.disabled_at).not.toBeNull(),
    );
    const [dead] = await deliveries('?status=dead');
    expect(await api.admin('POST', at(`/deliveries/${dead.id}/resend`))).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
    await happen('active');
    expect((await deliveries()).length).toBe(1);
  });

  it('follows no redirect', async () => {
    receiver.react(path, answer(302, { location: `${receiver.origin}/elsewhere` }));
    await happen('degraded');
    await eventually(async () =>
      expect(await deliveries()).toMatchObject([{ last_status: 302, last_error: 'redirect_refused' }]),
    );
    expect(receiver.received('/elsewhere')).toEqual([]);
  });

  it('waits ten seconds for an answer, and heeds what the answer asks', async () => {
    receiver.react(path, () => undefined);
    await happen('degraded');
    await received(1);
    const beganAtMs = performance.now();
    await eventually(
      async () =>
        expect(await deliveries()).toMatchObject([{ last_status: null, last_error: 'upstream_timeout' }]),
      14_000,
    );
    expect(performance.now() - beganAtMs).toBeGreaterThan(8_500);
    receiver.react(path, answer(429, { 'retry-after': '1800' }));
    await receivedInTime(2, 20);
    const [{ next_attempt_at: next, last_attempted_at: last }] = await eventually(async () => {
      const items = await deliveries();
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
    expect(await api.admin('POST', at('/webhooks'), { url })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ field: 'url' }] },
    });
  });

  it('judges an address again at each delivery, by what it resolves to', async () => {
    hook = await addHook({ url: 'https://localhost:1/hook', events: ['connection.degraded'] });
    await happen('degraded');
    await eventually(async () =>
      expect(await deliveries()).toMatchObject([{ status: 'pending', last_error: 'egress_refused' }]),
    );
  });

  it('announces the end of a grant that cannot be extended', async () => {
    await installation.database.query(
      "update gk.connections set grant_ends_at = gk.now() + interval '20 days' where tenant_id = (select id from gk.tenants where slug = $1)",
      [tenant],
    );
    await installation.database.setClockOffset(13.5 * 24 * hour);
    await worker.stop();
    worker = await installation.startWorker();
    const messages = await eventually(() => {
      const expiring = receiver.received(path).filter(({ type }) => type === 'connection.expiring');
      expect(expiring.length).toBe(1);
      return expiring;
    });
    expect(messages[0]?.data).toMatchObject({ connection: 'main', expires_at: expect.any(String) });
    const history = (await api.admin('GET', at('/connections/main/events'))).json.items;
    expect(history).toContainEqual(
      expect.objectContaining({ type: 'connection.expiring', data: expect.objectContaining({ days: 7 }) }),
    );
  });
});
