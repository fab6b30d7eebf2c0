import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve } from '#testing';
import { optionOf } from '../../apps/cli/resources/field.js';
import { resources } from '../../apps/cli/resources/resources.js';
import { type Cli, cliOf } from '../support/cli.js';
import { commandTables, documentedCommands, writeCommandTables } from '../support/cli-reference.js';
import { freePort } from '../support/free-port.js';
import { contactCenterClient } from '../support/onboarding.js';
import { type RunningApi, type RunningTenant, runApi } from './running-api.js';

let api: RunningApi;
let acme: RunningTenant;
let adminKey: string;
let cli: Cli;
beforeAll(async () => {
  api = await runApi();
  adminKey = process.env['GRANTKEEPER_BOOTSTRAP_KEY'] ?? '';
  acme = await api.tenant('acme');
  await acme.connect();
  cli = cliOf({ GRANTKEEPER_URL: api.origin, GRANTKEEPER_KEY: adminKey });
});
afterAll(() => api.close());

const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(cli.folder, name);
  writeFileSync(path, text, { mode });
  return path;
};

describe('resources', () => {
  it('have an option for each field of the API, and no others', async () => {
    const { json: openapi } = await api.anonymous('GET', '/openapi.json');
    const differing = resources.flatMap(({ name, path, owner, get, create, update }) => {
      if (!get) return [];
      const base = `/v1${owner === 'platform' ? '' : '/tenants/{tenant}'}${path}`;
      const one = Object.keys(openapi.paths).find(
        (known) => known.startsWith(`${base}/{`) && known.split('/').length === base.split('/').length + 1,
      );
      return [
        ['create', create, openapi.paths[base]?.post],
        ['update', update, openapi.paths[one ?? '']?.patch],
      ].flatMap(([verb, operation, described]) => {
        const body = described?.requestBody?.content['application/json'].schema;
        const schema = body?.$ref ? openapi.components.schemas[body.$ref.split('/').at(-1)] : body;
        const known = Object.keys(schema?.properties ?? {}).sort();
        const ours = (operation?.fields ?? []).map((field: { name: string }) => field.name).sort();
        return JSON.stringify(known) === JSON.stringify(ours) ? [] : [{ name, verb, known, ours }];
      });
    });
    expect(differing).toEqual([]);
  });

  it('are made, listed, shown, changed and deleted', async () => {
    const made = await cli(['tenants', 'create', '--id', 'books', '--name', 'Books & Co']);
    expect(made).toMatchObject({
      exitCode: 0,
      err: '',
      out: expect.stringMatching(/^id +books\nname +Books & Co\n/),
    });
    expect((await cli('tenants list')).out).toMatch(
      /^ID +NAME +DISABLED +CREATED_AT\n(?:.*\n)*books +Books & Co +no +/,
    );
    const changed = await cli('tenants update books --rate-limit-per-second 500 --json');
    expect(changed.json).toMatchObject({ id: 'books', rate_limit_per_second: 500 });
    const back = await cli('tenants update books --rate-limit-per-second none --no-disabled --json');
    expect(back.json).toMatchObject({ rate_limit_per_second: null, disabled: false });

    const { client_id, client_secret, provider } = contactCenterClient;
    const credential = `credentials create books --id crm --provider ${provider} --client-id ${client_id} --setting region=emea --verify`;
    const registered = await cli(`${credential} --client-secret-file -`, { input: `${client_secret}\n` });
    expect(registered).toMatchObject({ exitCode: 0, err: '' });
    expect(registered.out).not.toContain(client_secret);
    expect((await cli('credentials get books/crm --json')).json.settings.region).toBe('emea');
    expect(await cli('credentials verify books/crm --json')).toMatchObject({
      exitCode: 0,
      json: { ok: true },
    });
    const next = 'credentials add-secret crm --tenant books --client-secret-env NEXT';
    expect((await cli(`${next} --json`, { env: { NEXT: client_secret } })).json).toEqual({ version: 2 });

    const connection = 'connections create books --id main --credential crm --grant client_credentials';
    expect((await cli(`${connection} --label team=sales --label tier:gold --json`)).json).toMatchObject({
      status: 'active',
      labels: { team: 'sales', tier: 'gold' },
    });
    expect((await cli('connections list books --label team:sales')).out).toMatch(
      /main +vonage-contact-center/,
    );
    expect((await cli('connections renew books/main --json')).json.generation).toBe(2);
    expect((await cli('connections pause books/main --json')).json.paused).toBe(true);
    expect(
      (await cli('connections resume main --json', { env: { GRANTKEEPER_TENANT: 'books' } })).json.paused,
    ).toBe(false);
    expect((await cli('connections events books/main --json --limit 1')).json.items).toHaveLength(1);

    const key = await cli('keys create books --name billing --role token_reader --connections main --json');
    expect(key.json).toMatchObject({
      role: 'token_reader',
      connections: ['main'],
      key: expect.stringMatching(/^gk_r_/),
    });
    expect((await cli(`keys get books/${key.json.id}`)).out).not.toContain(key.json.key);
    expect((await cli(`keys delete books/${key.json.id}`)).exitCode).toBe(0);
    expect((await cli('keys status --json')).json.items[0].state).toBe('newest');
    expect((await cli('keys rewrap --json')).json).toEqual({ rewrapped: 0, left: 0 });
    expect((await cli('keys rotate books --json')).json).toMatchObject({ version: 2, left: 0 });

    expect((await cli('audit list books --all --json')).json.items.length).toBeGreaterThan(5);
    expect((await cli('audit checkpoint --json')).json.hash).toHaveLength(64);
    expect((await cli('audit verify')).out).toContain('The audit trail is intact.');
    expect((await cli('hold status')).out).toMatch(/^held +no\n/);
    expect((await cli('connections delete books/main')).out).toBe('books/main is deleted.\n');
    expect((await cli('tenants delete books')).exitCode).toBe(0);
  });

  it('are taken from a file, which options overrule, and page by page', async () => {
    write('key.yaml', 'name: from file\nrole: connector\n');
    const made = await cli('keys create acme --body key.yaml --role token_reader --json');
    expect(made.json).toMatchObject({ name: 'from file', role: 'token_reader' });
    const first = await cli('keys list acme --limit 2 --json');
    expect(first.json.items).toHaveLength(2);
    const rest = await cli(['keys', 'list', 'acme', '--cursor', first.json.next_cursor, '--json']);
    expect(rest.json).toMatchObject({ items: { length: 2 }, next_cursor: null });
    expect((await cli('keys list acme --limit 2')).err).toContain('there are more: --all, or --cursor');
  });

  it('are not made by a dry run', async () => {
    const dry = await cli('tenants create --id dry --name Dry --dry-run --json');
    expect(dry).toMatchObject({ exitCode: 0, json: { id: 'dry' } });
    expect((await cli('tenants get dry')).exitCode).toBe(1);
  });
});

describe('a refusal', () => {
  it('is a sentence with what to do, or the problem document', async () => {
    const { exitCode, out, err } = await cli('credentials create acme --provider nobody --client-id x');
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toMatch(/^grantkeeper: .*\n(?: {2}.*\n)*$/);
    expect(err).toContain('provider:');
    const asJson = await cli('tenants get nobody --json');
    expect(asJson).toMatchObject({ exitCode: 1, json: { status: 404, code: 'not_found' } });
    expect(await cli('tenants list', { env: { GRANTKEEPER_KEY: 'made-up' } })).toMatchObject({ exitCode: 1 });
  });

  it.each([
    '',
    'nonsense',
    'tenants',
    'tenants nonsense',
    'tenants list --nonsense',
    'tenants get',
    'connections list',
    'connections get a/b/c',
    'connections get acme/..',
    'tenants update acme',
    'tenants update acme --renewal-weight much',
    'token acme/main --format xml',
    'token acme/main --min-ttl -1',
    'token acme/main --min-ttl 86401',
    'credentials create acme --client-secret-file none',
    'credentials create acme --client-secret-env NONE',
    'tenants list --profile nobody',
    'tenants list --timeout 0',
    'audit prune',
  ])('of a wrong command, %p, is code 2', async (command) => {
    const { exitCode, out } = await cli(command === '' ? [] : command);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });

  it('because nothing answers is code 3, and so is anything that is not Grantkeeper', async () => {
    const nowhere = { env: { GRANTKEEPER_URL: `http://127.0.0.1:${await freePort()}` } };
    const refused = await cli('tenants list', nowhere);
    expect(refused).toMatchObject({ exitCode: 3, err: expect.stringContaining('nothing listens there') });
    expect((await cli('tenants list --json', nowhere)).json).toMatchObject({ code: 'unreachable' });
    const asked: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      asked.push(request.url);
      response
        .writeHead(request.url === '/v1/tenants?limit=50' ? 302 : 200, { location: '/elsewhere' })
        .end('<html>');
    });
    try {
      expect(await cli('tenants list', { env: { GRANTKEEPER_URL: other.origin } })).toMatchObject({
        exitCode: 3,
      });
      expect(asked).toEqual(['/v1/tenants?limit=50']);
    } finally {
      await other.close();
    }
  });

  it('shows no control character that a server has sent', async () => {
    const title = '\u001b]0;owned\u0007\u009b31m';
    const evil = await serve((_, response) => {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ status: 409, code: 'conflict', title, detail: `a${title}\u202e`, remedy: title }),
      );
    });
    try {
      for (const json of ['', ' --json']) {
        const { err } = await cli(`tenants list${json}`, { env: { GRANTKEEPER_URL: evil.origin } });
        expect(err).toContain('owned');
        expect(err.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      }
    } finally {
      await evil.close();
    }
  });
});

describe('address and key', () => {
  it('come from a profile, and a key of it goes to its own address only', async () => {
    const home = cliOf({});
    mkdirSync(join(home.folder, '.config/grantkeeper'), { recursive: true });
    const path = join(home.folder, '.config/grantkeeper/config.json');
    const profiles = {
      prod: { url: api.origin, key_file: 'prod.key' },
      wrong: { url: api.origin, key: 'wrong' },
    };
    writeFileSync(path, JSON.stringify({ default: 'prod', profiles }), { mode: 0o600 });
    writeFileSync(join(home.folder, '.config/grantkeeper/prod.key'), `${adminKey}\n`);
    expect((await home('tenants get acme --json')).json.id).toBe('acme');
    expect((await home('tenants get acme --profile wrong')).exitCode).toBe(1);
    expect((await home('tenants get acme', { env: { GRANTKEEPER_KEY: 'wrong' } })).exitCode).toBe(1);
    const elsewhere = { env: { GRANTKEEPER_URL: 'http://127.0.0.1:1' } };
    expect(await home('tenants get acme', elsewhere)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('no key'),
    });
    expect((await home('tenants get acme --profile prod', elsewhere)).exitCode).toBe(0);
    chmodSync(path, 0o644);
    expect((await home('tenants get acme --profile wrong')).err).toContain('chmod 600');
  });

  it('come from a file of the environment', async () => {
    const env = {
      GRANTKEEPER_URL: `${api.origin}/`,
      GRANTKEEPER_KEY_FILE: write('admin.key', `${adminKey}\n`),
    };
    expect((await cliOf(env)('tenants get acme --json')).json.id).toBe('acme');
  });
});

describe('help', () => {
  it('is in docs/cli.md for every command', () => {
    if (process.env['UPDATE_DOCS']) writeCommandTables();
    expect(documentedCommands()).toBe(commandTables());
  });

  it('is there for every command, with examples', async () => {
    const { exitCode, out } = await cli('--help');
    expect(exitCode).toBe(0);
    for (const { name } of resources) expect(out).toContain(`  ${name} `);
    const create = await cli('credentials create --help');
    expect(create).toMatchObject({ exitCode: 0, err: '' });
    for (const option of ['--client-secret-file', '--client-secret-env', '--json', 'Example:']) {
      expect(create.out).toContain(option);
    }
    expect(create.out).not.toMatch(/--client-secret </);
    const secrets = resources.flatMap(({ create: made, update, verbs = {} }) =>
      [made, update, ...Object.values(verbs)].flatMap((operation) => operation?.fields ?? []),
    );
    expect(secrets.filter(({ kind }) => kind === 'secret').map(optionOf)).toContain('refresh-token');
  });
});
