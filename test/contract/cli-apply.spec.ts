import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve } from '#testing';
import { type Cli, cliOf } from '../support/cli.js';
import { contactCenterClient } from '../support/onboarding.js';
import { scaled } from '../support/scale.js';
import { type RunningApi, runApi } from './running-api.js';

let api: RunningApi;
let cli: Cli;
beforeAll(async () => {
  process.env['GRANTKEEPER_JWT_ISSUERS'] = JSON.stringify([
    { issuer: 'https://k8s.example.com', audience: 'grantkeeper', jwks_uri: 'https://k8s.example.com/jwks' },
  ]);
  api = await runApi();
  cli = cliOf({
    GRANTKEEPER_URL: api.origin,
    GRANTKEEPER_KEY: process.env['GRANTKEEPER_BOOTSTRAP_KEY'] ?? '',
  });
  writeFileSync(join(cli.folder, 'crm.secret'), `${client_secret}\n`);
});
afterAll(() => api.close());

const { provider, client_id, client_secret } = contactCenterClient;
const apply = (document: unknown, more = '', env: Record<string, string> = {}) =>
  cli(`apply -f - ${more}`.trim(), { input: JSON.stringify(document), env });
const steps = ({ json }: Awaited<ReturnType<typeof apply>>): string[] =>
  json.steps
    .filter(({ action }: { action: string }) => action !== 'unchanged')
    .map(({ action, name }: { action: string; name: string }) => `${action} ${name}`);

const crm = {
  id: 'crm',
  provider,
  client_id,
  client_secret: { secret_file: 'crm.secret' },
  settings: { region: 'emea' },
};
const portal = {
  id: 'portal',
  provider: 'generic-oauth2',
  client_id: 'web',
  client_secret: { secret_env: 'PORTAL_SECRET' },
  settings: {
    authorization_endpoint: 'https://server.example.com/authorize',
    token_endpoint: 'https://server.example.com/token',
    return_urls: ['https://app.example.com/done'],
  },
};
const hook = 'https://hooks.example.com/in';
const acme = {
  id: 'acme',
  name: 'Acme Inc.',
  credentials: [crm, portal],
  connections: [
    { id: 'main', credential: 'crm', grant: 'client_credentials', labels: { team: 'sales' } },
    {
      id: 'ada',
      credential: 'portal',
      grant: 'authorization_code',
      return_url: 'https://app.example.com/done',
    },
  ],
  webhooks: [{ url: hook, events: ['connection.expiring'], secret_to_file: 'hook.secret' }],
  workload_identities: [
    { id: 'web', issuer: 'https://k8s.example.com', match: { sub: 'app:web' }, role: 'token_reader' },
  ],
};
const env = { PORTAL_SECRET: 'portal-secret' };

describe('apply', () => {
  it('shows its plan, and does nothing on a dry run', async () => {
    const { exitCode, out } = await apply({ tenants: [acme] }, '--dry-run', env);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Plan:\n {2}\+ create tenant acme\n {2}\+ create credential acme\/crm\n/);
    expect(out).toMatch(/ {2}0 unchanged\n$/);
    expect((await api.admin('GET', '/v1/tenants/acme')).status).toBe(404);
  });

  it('makes everything once, and lists what a person has to consent to', async () => {
    const made = await apply({ tenants: [acme] }, '', env);
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    expect(made.out).toContain('create connection acme/main: done\n');
    expect(made.out).toMatch(
      /Somebody has to consent:\n {2}acme\/ada: http:\/\/127\.0\.0\.1:\d+\/v1\/connect\/\S+\n$/,
    );
    expect(made.out).not.toContain(client_secret);
    expect(readFileSync(join(cli.folder, 'hook.secret'), 'utf8')).toMatch(/^whsec_/);
    expect(statSync(join(cli.folder, 'hook.secret')).mode & 0o777).toBe(0o600);
    expect((await api.admin('GET', '/v1/tenants/acme/connections/main/token')).status).toBe(200);

    const again = await apply({ tenants: [acme] }, '--json', env);
    expect(again).toMatchObject({ exitCode: 0, json: { dry_run: false } });
    expect(steps(again)).toEqual([]);
    expect(again.json.needs_consent).toEqual([{ connection: 'acme/ada', authorization_url: null }]);
  });

  it('changes what differs, with the secret where that is needed', async () => {
    const changed = {
      ...acme,
      name: 'Acme Ltd.',
      rate_limit_per_second: 900,
      credentials: [{ ...crm, settings: { region: 'emea', client_auth: 'body' } }, portal],
      connections: [
        { ...acme.connections[0], labels: { team: 'support' }, renewal: 'eager' },
        acme.connections[1],
      ],
      workload_identities: [{ ...acme.workload_identities[0], role: 'connector' }],
    };
    const run = await apply({ tenants: [changed] }, '--json', env);
    expect(run.exitCode).toBe(0);
    expect(steps(run)).toEqual(['update acme', 'update acme/crm', 'update acme/main', 'replace acme/web']);
    expect((await api.admin('GET', '/v1/tenants/acme/credentials/crm')).json.settings.client_auth).toBe(
      'body',
    );
    expect((await api.admin('GET', '/v1/tenants/acme/connections/main')).json).toMatchObject({
      labels: { team: 'support' },
      renewal: 'eager',
    });
    expect(steps(await apply({ tenants: [changed] }, '--json', env))).toEqual([]);
    expect((await apply({ tenants: [acme] }, '', env)).exitCode).toBe(0);
  });

  it('does what it can where something cannot be done, and says so', async () => {
    const blocked = {
      ...acme,
      credentials: [
        ...acme.credentials,
        { ...portal, id: 'new', client_secret: { secret_env: 'NOWHERE' } },
        { ...portal, id: 'down', settings: { token_endpoint: 'http://127.0.0.1:1/token' } },
      ],
      connections: [
        { id: 'down', credential: 'down', grant: 'client_credentials' },
        { ...acme.connections[0], grant: 'password' },
        { id: 'second', credential: 'crm', grant: 'client_credentials' },
        { id: 'third', credential: 'nothing', grant: 'client_credentials' },
      ],
    };
    const dry = await apply({ tenants: [blocked] }, '--dry-run', env);
    expect(dry.exitCode).toBe(1);
    expect(dry.out).toContain(
      '! blocked credential acme/new: client_secret: the environment has no NOWHERE.',
    );
    expect(dry.out).toContain('! blocked connection acme/main: its grant cannot be changed in place');
    const { exitCode, out } = await apply({ tenants: [blocked] }, '', env);
    expect(exitCode).toBe(1);
    expect(out).toContain('create connection acme/second: done\n');
    expect(out).toContain('create connection acme/down: refused. The provider gave no usable answer');
    expect(out).toMatch(/create connection acme\/third: refused\. .*is not a credential of this tenant/);
  });

  it('deletes what is not declared when it is to, of the declared tenants alone', async () => {
    await api.tenant('other');
    expect(steps(await apply({ tenants: [acme] }, '--json', env))).toEqual([]);
    const less = {
      ...acme,
      credentials: [crm],
      connections: [acme.connections[0]],
      workload_identities: undefined,
    };
    const run = await apply({ tenants: [less] }, '--prune --json', env);
    expect(run.exitCode).toBe(0);
    expect(steps(run).sort()).toEqual([
      'delete acme/ada',
      'delete acme/down',
      'delete acme/portal',
      'delete acme/second',
      'delete acme/web',
    ]);
    expect((await api.admin('GET', '/v1/tenants/other/credentials/client')).status).toBe(200);
    expect(steps(await apply({ tenants: [less] }, '--prune --json', env))).toEqual([]);
  });

  it.each([
    [
      'a secret in it',
      { tenants: [{ ...acme, credentials: [{ ...crm, client_secret: 'hunter2' }] }] },
      /secret_env/,
    ],
    ['an unknown member', { tenants: [{ ...acme, colour: 'red' }] }, /tenants\.0: .*colour/],
    [
      'one id twice',
      { tenants: [{ ...acme, connections: [acme.connections[0], acme.connections[0]] }] },
      /each id once/,
    ],
    ['no tenants', {}, /tenants/],
  ])('takes no file with %s', async (_, document, message) => {
    const { exitCode, err } = await apply(document);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(message) });
    expect(err).not.toContain('hunter2');
  });

  it('needs a file that is there', async () => {
    expect((await cli('apply')).exitCode).toBe(2);
    expect((await cli('apply -f nothing.yaml')).exitCode).toBe(2);
    expect((await cli('apply -f -', { input: 'tenants: [a: b: c' })).exitCode).toBe(2);
  });
});

describe('import', () => {
  const count = scaled(30, 1_000);
  const long = 'x'.repeat(20_000);
  /** By what is said of it. */
  const bad: readonly (readonly [row: string, reason: RegExp])[] = [
    ['acme,bad-1,nothing,client_credentials,,,,', /credential: is not a credential of this tenant/],
    ['acme,bad-2,crm,nonsense,,,,', /grant: must be one of/],
    ['nobody,bad-3,crm,client_credentials,,,,', /tenant: nobody is not there/],
    ['acme,Bad Id,crm,client_credentials,,,,', /id: /],
    ['acme,bad-5,wrong,client_credentials,,,,', /invalid_client|client/],
    ['acme,bad-6,crm,client_credentials,"two\r\nlines",,,', /subject: .*line breaks/],
    ['acme,bad-7,crm', /has 3 columns in the place of 8/],
    ['acme,,crm,client_credentials,,,,', /id is missing/],
    ['acme,row-1,crm,client_credentials,,,,', /acme\/row-1 is in row 2 already/],
    [`acme,bad-10,crm,client_credentials,${long},,\u001b[31m\u0007,`, /subject: .*255.*labels/],
  ];
  const good = Array.from(
    { length: count - bad.length },
    (_, n) => `acme,row-${n + 1},crm,client_credentials,s${n},,sales,`,
  );
  const file = [
    '\ufefftenant,id,credential,grant,subject,scope,label:team,refresh_token',
    ...[...good, ...bad.map(([row]) => row)],
    '',
  ].join('\r\n');

  it('makes the good rows, explains the bad ones, and makes nothing twice', async () => {
    const wrong = { ...crm, id: 'wrong', client_secret: { secret_env: 'PORTAL_SECRET' } };
    await apply({ tenants: [{ ...acme, credentials: [...acme.credentials, wrong] }] }, '', env);
    writeFileSync(join(cli.folder, 'grants.csv'), file);
    const dry = await cli('import grants.csv --dry-run --json');
    expect(dry).toMatchObject({ exitCode: 1, json: { rows: count, made: 0 } });
    expect((await api.admin('GET', '/v1/tenants/acme/connections/row-1')).status).toBe(404);

    const began = performance.now();
    const first = await cli('import grants.csv');
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    process.stdout.write(`import of ${count} rows: ${seconds} s\n`);
    expect(first).toMatchObject({ exitCode: 1, err: '' });
    expect(first.out).toMatch(new RegExp(`${good.length} made, 10 refused\\n$`));
    const refused = first.out.split('\n').filter((line) => line.includes(': refused: '));
    expect(refused).toHaveLength(10);
    for (const [row, reason] of bad) {
      const [tenant, id] = row.split(',');
      const line = refused.find((one) => one.includes(`${tenant}/${id}: refused: `));
      expect([row.slice(0, 60), line]).toEqual([row.slice(0, 60), expect.stringMatching(reason)]);
      expect(line?.length).toBeLessThan(1_000);
    }
    expect(first.out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect((await api.admin('GET', '/v1/tenants/acme/connections/row-1')).json).toMatchObject({
      subject: 's0',
      labels: { team: 'sales' },
    });

    const again = await cli('import grants.csv --json');
    expect(again).toMatchObject({
      exitCode: 1,
      json: { made: 0, exists: good.length, refused: 10, left: 0 },
    });
  }, 120_000);

  it('takes JSON, and lists links for those who have to consent', async () => {
    const rows = [
      { tenant: 'acme', id: 'json', credential: 'crm', grant: 'client_credentials', labels: { a: 'b' } },
      {
        tenant: 'acme',
        id: 'bob',
        credential: 'portal',
        grant: 'authorization_code',
        return_url: 'https://app.example.com/done',
      },
    ];
    const { exitCode, json } = await cli('import - --json', { input: JSON.stringify(rows) });
    expect({ exitCode, results: json.results }).toEqual({
      exitCode: 0,
      results: [
        { row: 1, tenant: 'acme', id: 'json', result: 'made' },
        {
          row: 2,
          tenant: 'acme',
          id: 'bob',
          result: 'pending',
          detail: expect.stringContaining('/v1/connect/'),
        },
      ],
    });
    const lines = rows.map((row) => JSON.stringify(row)).join('\n');
    expect((await cli('import - --json', { input: lines })).json).toMatchObject({ exists: 2 });
  });

  it('ends with code 3 where the API is lost on the way, and goes on from there', async () => {
    let left = 7;
    const door = await serve(async (request, response) => {
      left -= 1;
      if (left < 0) return void request.socket.destroy();
      const { authorization = '', 'content-type': type = 'application/json' } = request.headers;
      const body = request.method === 'POST' ? { body: await text(request) } : {};
      const answer = await fetch(api.origin + request.url, {
        method: request.method ?? 'GET',
        headers: { authorization, 'content-type': type },
        ...body,
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    const input = [
      'tenant,id,credential,grant',
      ...[1, 2, 3, 4, 5].map((n) => `acme,lost-${n},crm,client_credentials`),
    ];
    try {
      const lost = await cli('import - --concurrency 1 --json', {
        input: input.join('\n'),
        env: { GRANTKEEPER_URL: door.origin },
      });
      expect(lost).toMatchObject({ exitCode: 3, err: expect.stringContaining('goes on where it ended') });
      expect(JSON.parse(lost.out)).toMatchObject({ made: 3, left: 2 });
    } finally {
      await door.close();
    }
    expect((await cli('import - --json', { input: input.join('\n') })).json).toMatchObject({
      exists: 3,
      made: 2,
    });
  });

  it.each([
    ['a column missing', 'tenant,id,grant\n'],
    ['a column nobody knows', 'tenant,id,credential,grant,colour\n'],
    ['an open quote', 'tenant,id,credential,grant\n"a,b,c\n'],
    ['nothing in it', ''],
  ])('takes no file with %s', async (_, input) => {
    expect(await cli('import -', { input })).toMatchObject({ exitCode: 2, out: '' });
  });
});
