import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RefusalLog, TokenReadLog } from '#access';
import { AuditRepository } from '#vault';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

interface Event {
  readonly sequence: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every shape.
  readonly data: any;
  readonly previous_hash: string;
  readonly hash: string;
  readonly mac: string;
}

let api: RunningApi;
let acme: RunningTenant;
let tokenPath: string;
beforeAll(async () => {
  api = await runApi();
  acme = await api.tenant('acme');
  await acme.connect();
  tokenPath = `${acme.path}/connections/main/token`;
});
afterAll(() => api.close());

/** All events of the chain at a path. */
async function events(path = acme.path): Promise<Event[]> {
  const all: Event[] = [];
  for (let cursor = ''; ; ) {
    const { json } = await api.admin('GET', `${path}/audit_events?limit=200${cursor}`);
    all.push(...json.items);
    if (json.next_cursor === null) return all;
    cursor = `&cursor=${encodeURIComponent(json.next_cursor)}`;
  }
}
const last = async (path?: string) => (await events(path)).at(-1);
const changedLast = async () => (await last())?.data.changed;
const reads = async (path?: string) => (await events(path)).filter(({ action }) => action === 'token.read');
const sumOf = (some: readonly Event[]) => some.reduce((sum, { data }) => sum + data.count, 0);
const flushed = async () => {
  await api.app.get(TokenReadLog, { strict: false }).flush();
  await api.app.get(RefusalLog, { strict: false }).flush();
};

describe('an audit event', () => {
  it('says what was changed, from what to what', async () => {
    await api.admin('PATCH', acme.path, { name: 'Acme Inc', renewal_weight: 3 });
    expect(await last('/v1')).toMatchObject({
      action: 'PATCH /v1/tenants/:tenant',
      target: acme.path,
      outcome: '200',
      data: {
        changed: { name: { old: 'acme', new: 'Acme Inc' }, renewal_weight: { old: 1, new: 3 } },
      },
    });
    await acme.tenantAdmin('PATCH', `${acme.path}/connections/main`, {
      labels: { team: 'blue' },
      renewal: 'eager',
    });
    expect((await events()).slice(-2).map(({ data }) => data.changed)).toEqual([
      { labels: { old: {}, new: { team: 'blue' } } },
      { renewal: { old: 'auto', new: 'eager' } },
    ]);
  });

  it('names the old and the new origin of changed client credentials, and no secret', async () => {
    const secrets = ['the-old-secret-of-a-client', 'the-new-secret-of-a-client', 'hook-of-ours'];
    const settings = { token_endpoint: 'https://old.example/token?api_key=hook-of-ours' };
    const made = await acme.tenantAdmin('POST', `${acme.path}/credentials`, {
      id: 'moved',
      provider: 'generic-oauth2',
      client_id: 'client',
      client_secret: secrets[0],
      settings,
    });
    expect(made.status).toBe(201);
    expect(await changedLast()).toMatchObject({
      id: { new: 'moved' },
      client_secret: { secret: true },
    });
    const moved = await acme.tenantAdmin('PATCH', `${acme.path}/credentials/moved`, {
      client_secret: secrets[1],
      settings: { token_endpoint: 'https://new.example/token' },
    });
    expect(moved.status).toBe(200);
    expect(await changedLast()).toEqual({
      client_secret: { secret: true },
      'settings.token_endpoint': { old: 'https://old.example/token', new: 'https://new.example/token' },
    });
    await acme.tenantAdmin('POST', `${acme.path}/webhooks`, { url: 'https://r.example/hook-of-ours' });
    expect(await changedLast()).toMatchObject({
      origin: { new: 'https://r.example' },
      secret: { secret: true },
    });
    const key = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'k', role: 'connector' });
    expect(await changedLast()).toMatchObject({
      id: { new: key.json.id },
      role: { new: 'connector' },
    });
    const all = JSON.stringify([await events(), await events('/v1')]);
    for (const secret of [...secrets, key.json.key]) expect(all).not.toContain(secret);
  });

  it('is there for what was removed, and for what was refused', async () => {
    await acme.connect('gone');
    await acme.tenantAdmin('DELETE', `${acme.path}/connections/gone`);
    expect(await last()).toMatchObject({ outcome: '204', data: { changed: { id: { old: 'gone' } } } });
    await acme.tenantAdmin('DELETE', `${acme.path}/connections/gone`);
    expect(await last()).toMatchObject({ outcome: '404', data: {} });
    await acme.tenantAdmin('DELETE', `${acme.path}/credentials/client`);
    expect(await last()).toMatchObject({ outcome: '409', data: {} });
  });

  it('is one of a chain', async () => {
    for (const path of ['/v1', acme.path]) {
      const all = await events(path);
      expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, at) => at + 1));
      expect(all.map((event) => event.previous_hash)).toEqual([
        '0'.repeat(64),
        ...all.slice(0, -1).map(({ hash }) => hash),
      ]);
      const { status, json } = await api.admin('GET', `${path}/audit_events/checkpoint`);
      expect({ status, json }).toEqual({
        status: 200,
        json: {
          sequence: all.length,
          hash: all.at(-1)?.hash,
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          mac: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      });
    }
    const other = (await api.tenant()).path;
    expect((await acme.tenantAdmin('GET', `${acme.path}/audit_events/checkpoint`)).status).toBe(200);
    expect((await acme.tenantAdmin('GET', `${other}/audit_events/checkpoint`)).status).toBe(404);
    expect((await acme.tenantAdmin('GET', '/v1/audit_events/checkpoint')).status).toBe(403);
    expect((await acme.reader('GET', `${acme.path}/audit_events/checkpoint`)).status).toBe(403);
  });
});

describe('a change whose audit event cannot be written', () => {
  const tables = ['tenants', 'api_keys', 'credentials', 'credential_secrets', 'connections', 'webhooks'];
  const everything = async () => {
    const all: unknown[] = [];
    for (const table of tables) {
      all.push(
        await api.database.query(
          `select to_jsonb(t) - 'last_read_at' - 'next_renewal_at' - 'updated_at' as row from gk.${table} t order by id`,
        ),
      );
    }
    return all;
  };

  it('is not made, whichever it is', async () => {
    const key = await acme.tenantAdmin('POST', `${acme.path}/api_keys`, { name: 'k', role: 'connector' });
    const hook = await acme.tenantAdmin('POST', `${acme.path}/webhooks`, { url: 'https://r.example/x' });
    await acme.connect('stays');
    const calls: [string, string, unknown?][] = [
      ['POST', '/v1/tenants', { id: 'unaudited', name: 'x' }],
      ['PATCH', acme.path, { name: 'unaudited' }],
      ['DELETE', acme.path],
      ['POST', '/v1/api_keys', { name: 'unaudited' }],
      ['POST', `${acme.path}/api_keys`, { name: 'unaudited', role: 'connector' }],
      ['DELETE', `${acme.path}/api_keys/${key.json.id}`],
      ['POST', `${acme.path}/credentials`, { id: 'unaudited', ...contactCenterClient }],
      ['PATCH', `${acme.path}/credentials/client`, { client_id: 'other' }],
      ['POST', `${acme.path}/credentials/client/secrets`, { client_secret: 'unaudited-secret' }],
      [
        'POST',
        `${acme.path}/connections`,
        { id: 'unaudited', credential: 'client', grant: 'client_credentials' },
      ],
      ['PATCH', `${acme.path}/connections/stays`, { labels: { un: 'audited' } }],
      ['PATCH', `${acme.path}/connections/stays`, { renewal: 'on_demand' }],
      ['DELETE', `${acme.path}/connections/stays`],
      ['POST', `${acme.path}/webhooks`, { url: 'https://r.example/unaudited' }],
      ['DELETE', `${acme.path}/webhooks/${hook.json.id}`],
    ];
    await flushed();
    await api.database.query(`
      create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
      create trigger refuse before insert on gk.audit_events for each row execute function public.refuse()`);
    const before = await everything();
    for (const [method, path, body] of calls) {
      const { status, json } = await api.admin(method, path, body);
      expect([method, path, status, json?.code]).toEqual([method, path, 503, 'unavailable']);
      expect(await everything()).toEqual(before);
    }
    await api.database.query('drop trigger refuse on gk.audit_events');
    expect((await api.admin('DELETE', `${acme.path}/connections/stays`)).status).toBe(204);
  });
});

describe('token reads', () => {
  it('are counted exactly, whichever way they take, without a write for each', async () => {
    await acme.connect('read');
    const path = `${acme.path}/connections/read/token`;
    await flushed();
    const count = async () =>
      Number((await api.database.query<{ n: string }>('select count(*) as n from gk.audit_events'))[0]?.n);
    const before = await count();
    // The fast path takes the usual spelling, the route every other and the platform's keys.
    const spellings = [path, `${path}?min_ttl=0`, `${path}?min_ttl=%30`];
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => acme.reader('GET', spellings[at % 3] ?? path)),
      );
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    await api.admin('GET', path);
    await acme.reader('GET', `${acme.path}/connections/none/token`);
    await flushed();
    const own = (await reads()).filter(({ data }) => data.connection === 'read');
    expect(sumOf(own)).toBe(1_001);
    expect(new Set(own.map(({ actor }) => actor)).size).toBe(2);
    expect(own[0]).toMatchObject({
      target: path,
      outcome: '200',
      data: { key: own[0]?.actor, from: expect.stringMatching(/Z$/), to: expect.stringMatching(/Z$/) },
    });
    expect((await count()) - before).toBeLessThan(50);
  });

  it('are written once, also where nobody heard that they were', async () => {
    const log = api.app.get(TokenReadLog, { strict: false });
    const audit = api.app.get(AuditRepository, { strict: false });
    const [{ id: tenantId } = { id: '' }] = await api.database.query<{ id: string }>(
      "select id from gk.tenants where slug = 'acme'",
    );
    const read = { tenantId, tenantSlug: 'acme', callerId: 'lost', connection: 'main' };
    const { appendAll } = audit;
    const lost = new Error('Connection terminated unexpectedly');
    audit.appendAll = async (...given) => {
      await appendAll.apply(audit, given);
      throw lost;
    };
    log.note(read);
    await log.flush();
    log.note(read);
    audit.appendAll = async () => {
      throw lost;
    };
    await log.flush();
    audit.appendAll = appendAll;
    log.note(read);
    await log.flush();
    await log.flush();
    expect(sumOf((await reads()).filter(({ actor }) => actor === 'lost'))).toBe(3);
  });

  it('are each committed before the answer where the tenant wants it so', async () => {
    const strict = await api.tenant();
    await strict.connect();
    const path = `${strict.path}/connections/main/token`;
    expect((await strict.reader('GET', path)).status).toBe(200);
    const changed = await api.admin('PATCH', strict.path, { audit_reads: 'strict' });
    expect(changed.json.audit_reads).toBe('strict');
    await flushed();
    const before = sumOf(await reads(strict.path));
    for (let read = 1; read <= 3; read += 1) {
      expect((await strict.reader('GET', path)).status).toBe(200);
      expect(sumOf(await reads(strict.path)) - before).toBe(read);
    }
    const answers = await Promise.all(Array.from({ length: 100 }, () => strict.reader('GET', path)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const rows = await api.database.query<{ xmin: string }>(
      'select xmin::text from gk.audit_events order by created_at desc limit 100',
    );
    expect(sumOf(await reads(strict.path)) - before).toBe(103);
    expect(new Set(rows.map(({ xmin }) => xmin)).size).toBeLessThan(60);

    await api.database.query(
      'create trigger refuse before insert on gk.audit_events for each row execute function public.refuse()',
    );
    const refused = await strict.reader('GET', path);
    expect(refused.status).toBe(503);
    expect(refused.text).not.toContain('access_token');
    await api.database.query('drop trigger refuse on gk.audit_events');
    expect((await api.admin('PATCH', strict.path, { audit_reads: 'often' })).status).toBe(400);
    await api.admin('PATCH', strict.path, { audit_reads: 'batched' });
    expect((await strict.reader('GET', path)).status).toBe(200);
  });
});

describe('refused calls', () => {
  const refusals = async (action: string, path?: string) =>
    (await events(path))
      .filter((event) => event.action === action)
      .map(({ actor, outcome, data: { key, reason, count } }) => ({ actor, outcome, key, reason, count }));

  it('of known keys are summed in the chain of their own tenant', async () => {
    const other = await api.tenant();
    await other.connect();
    const made = await other.tenantAdmin('POST', `${other.path}/api_keys`, {
      name: 'narrow',
      role: 'token_reader',
      connections: ['another'],
    });
    const narrow = api.as(made.json.key);
    await flushed();
    const victim = (await events()).length;
    for (let call = 0; call < 3; call += 1) {
      expect((await narrow('GET', `${other.path}/connections/main/token`)).status).toBe(403);
      expect((await narrow('GET', `${other.path}/connections`)).status).toBe(403);
      expect((await narrow('GET', tokenPath)).status).toBe(404);
    }
    await flushed();
    const key = made.json.id;
    expect(await refusals('access.refused', other.path)).toEqual([
      { actor: key, outcome: '403', key, reason: 'forbidden', count: 6 },
      { actor: key, outcome: '404', key, reason: 'foreign_tenant', count: 3 },
    ]);
    expect((await events()).length).toBe(victim);
  });

  it('with keys that are not valid any more are told apart from those with made-up ones', async () => {
    const other = await api.tenant();
    const expiring = await other.tenantAdmin('POST', `${other.path}/api_keys`, {
      name: 'expiring',
      role: 'token_reader',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await flushed();
    await api.database.query(
      `update gk.api_keys set expires_at = gk.now() - interval '1 minute' where id = $1`,
      [expiring.json.id],
    );
    const before = await refusals('authentication.refused', '/v1');
    for (let call = 0; call < 2; call += 1) {
      expect((await api.as(expiring.json.key)('GET', `${other.path}/connections`)).status).toBe(401);
      expect((await api.as(expiring.json.key)('GET', tokenPath)).status).toBe(401);
      expect((await api.as(`made-up-${'x'.repeat(40)}-${call}`)('GET', tokenPath)).status).toBe(401);
      expect((await api.anonymous('GET', tokenPath)).status).toBe(401);
    }
    await flushed();
    const key = expiring.json.id;
    expect(await refusals('authentication.refused', other.path)).toEqual([
      { actor: key, outcome: '401', key, reason: 'expired', count: 4 },
    ]);
    expect((await refusals('authentication.refused', '/v1')).slice(before.length)).toEqual([
      { actor: 'anonymous', outcome: '401', key: null, reason: 'unknown_key', count: 4 },
    ]);
  });
});
