import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateApiKey, hashApiKey, RefusalLog } from '#access';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from '../contract/running-api.js';

const secret = 'the-secret-of-the-client-0123456789';

/**
 * Somebody who may write every table, against the running API; what the vault makes of each such row is in
 * `writer-rows.spec.ts`, and what `audit verify` makes of forged events in `audit.spec.ts`.
 */
describe('a writer of the database', () => {
  let api: RunningApi;
  let acme: RunningTenant;
  let globex: RunningTenant;
  let elsewhere: Server;
  const received: string[] = [];
  const tried: string[] = [];

  beforeAll(async () => {
    elsewhere = createServer((request, response) => {
      request.on('data', (part: Buffer) => received.push(part.toString()));
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"access_token":"of-elsewhere","token_type":"Bearer","expires_in":3600}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    api = await runApi();
    [acme, globex] = [await api.tenant('acme'), await api.tenant('globex')];
  });
  afterAll(async () => {
    process.stdout.write(`writer: ${tried.length} forgeries, ${received.length} secrets sent elsewhere\n`);
    await api.close();
    elsewhere.close();
  });

  const sealedOf = (tenant: RunningTenant, connection: string) =>
    api.database.query<{ sealed: string }>(
      `select s.sealed from gk.token_sets s join gk.connections c on c.id = s.connection_id
       join gk.tenants t on t.id = c.tenant_id where t.slug = $1 and c.slug = $2`,
      [tenant.slug, connection],
    );
  const putSealed = (tenant: RunningTenant, connection: string, sealed: string | undefined) =>
    api.database.query(
      `update gk.token_sets s set sealed = $3 from gk.connections c join gk.tenants t on t.id = c.tenant_id
       where c.id = s.connection_id and t.slug = $1 and c.slug = $2`,
      [tenant.slug, connection, sealed],
    );
  /** No token, and an error that says so to whoever reads it. */
  const expectUnread = async (tenant: RunningTenant, connection: string) => {
    const answer = await tenant.reader('GET', `${tenant.path}/connections/${connection}/token`);
    expect(answer.status).toBeGreaterThanOrEqual(409);
    expect(answer.text).not.toContain('access_token');
    tried.push(`tokens of ${connection}`);
  };

  it.each([
    { role: 'platform_admin', tenant_id: null },
    { role: 'tenant_admin' },
    { role: 'token_reader' },
  ] as const)('gets in by no key written as %j, and it is in the audit trail', async (members) => {
    const key = generateApiKey(members.role);
    await api.database.query(
      `insert into gk.api_keys select (jsonb_populate_record(null::gk.api_keys, to_jsonb(k)
         || jsonb_build_object('id', gen_random_uuid(), 'hash', $1::text) || $2::jsonb)).*
       from gk.api_keys k join gk.tenants t on t.id = k.tenant_id where t.slug = 'acme' and k.role = 'tenant_admin' limit 1`,
      [`\\x${hashApiKey(key).toString('hex')}`, JSON.stringify(members)],
    );
    const forged = api.as(key);
    for (const path of ['/v1/tenants', acme.path, `${acme.path}/connections`]) {
      expect((await forged('GET', path)).status).toBe(401);
    }
    tried.push(`key of a ${members.role}`);
    await api.app.get(RefusalLog, { strict: false }).flush();
    const chain = members.role === 'platform_admin' ? '/v1' : acme.path;
    const { json } = await api.admin('GET', `${chain}/audit_events?limit=200`);
    const refused = json.items.filter(
      ({ action, data }: { action: string; data: { reason?: string } }) =>
        action === 'authentication.refused' && data.reason === 'refused',
    );
    expect(refused.length).toBeGreaterThan(0);
  });

  it('gets no token by moving a ciphertext, nor by putting an old one back', async () => {
    await acme.connect('moved');
    await acme.connect('other');
    await globex.connect('foreign');
    for (const [tenant, connection] of [
      [acme, 'other'],
      [globex, 'foreign'],
    ] as const) {
      await putSealed(acme, 'moved', (await sealedOf(tenant, connection))[0]?.sealed);
      await expectUnread(acme, 'moved');
    }
    await acme.connect('old');
    const [old] = await sealedOf(acme, 'old');
    await expectStatus(200, acme.tenantAdmin('POST', `${acme.path}/connections/old/renew`));
    await putSealed(acme, 'old', old?.sealed);
    await expectUnread(acme, 'old');
  });

  it('gets no secret by moving the settings', async () => {
    const there = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/token`;
    const body = {
      id: 'movable',
      provider: 'generic-oauth2',
      client_id: 'app',
      client_secret: secret,
      settings: { token_endpoint: there },
    };
    await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/credentials`, body));
    const connection = { id: 'settled', credential: 'movable', grant: 'client_credentials' };
    await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/connections`, connection));
    received.length = 0;
    await api.database.query(
      `update gk.credentials set settings = jsonb_set(settings, '{token_endpoint}', to_jsonb($1::text)) where slug = 'movable'`,
      [`${there}/moved`],
    );
    tried.push('settings');
    const renewed = await acme.tenantAdmin('POST', `${acme.path}/connections/settled/renew`);
    expect(renewed.status).toBeGreaterThanOrEqual(400);
    expect(received).toEqual([]);
    const { json } = await acme.tenantAdmin('GET', `${acme.path}/connections/settled`);
    expect(json.last_error).toMatchObject({ code: 'secret_unreadable' });
  });
});
