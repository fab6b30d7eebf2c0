import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve } from '#testing';
import { optionOf } from '../../apps/cli/resources/field.js';
import { resources } from '../../apps/cli/resources/resources.js';
import { type Cli, cliOf } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
import { contactCenterClient } from '../support/onboarding.js';
import { scaled } from '../support/scale.js';
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

  it('are not made by a dry run where the API does not know one', async () => {
    const dry = await cli('tenants create --id dry --name Dry --dry-run');
    expect([0, 1]).toContain(dry.exitCode);
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

describe('completion', () => {
  it('of bash offers what may come next', async () => {
    const { out } = await cli('completion bash');
    const offered = (...words: string[]) => {
      const line = `${out}COMP_WORDS=(${['grantkeeper', ...words].join(' ')}); COMP_CWORD=${words.length}; _grantkeeper; echo "\${COMPREPLY[*]}"`;
      return spawnSync('bash', ['-c', line], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(offered('ten')).toEqual(['tenants']);
    expect(offered('keys', 're')).toEqual(['rewrap']);
    expect(offered('tenants', 'create', '--na')).toEqual(['--name']);
    expect(offered('token', 'acme/main', '--fo')).toEqual(['--format']);
    for (const shell of ['zsh', 'fish'])
      expect((await cli(`completion ${shell}`)).out).toContain('grantkeeper');
    expect((await cli('completion tcsh')).exitCode).toBe(2);
  });
});

describe('doctor', () => {
  const findings = async (env: Record<string, string>) => {
    const run = await cli('doctor --json', { env });
    const found: { check: string; result: string; remedy?: string }[] = JSON.parse(run.out).findings;
    return { ...run, found, result: Object.fromEntries(found.map(({ check, result }) => [check, result])) };
  };

  it('finds nothing wrong, and says what it could not look at', async () => {
    const env = { GRANTKEEPER_PROVIDER_ENDPOINTS: process.env['GRANTKEEPER_PROVIDER_ENDPOINTS'] ?? '' };
    const away = await findings(env);
    expect(away.result).toEqual({
      settings: 'skipped',
      database: 'skipped',
      'roles and schema': 'skipped',
      'clock of the database': 'skipped',
      'journal folder': 'skipped',
      api: 'ok',
      clock: 'ok',
      key: 'ok',
      'key-encryption keys': 'ok',
      hold: 'ok',
      [`egress to ${api.sandbox.origin}`]: 'ok',
      'callback URL': 'warning',
    });
    expect(away.exitCode).toBe(0);
    const folder = join(cli.folder, 'data');
    mkdirSync(folder, { mode: 0o700 });
    const here = await findings({ ...env, DATABASE_URL: api.database.url, GRANTKEEPER_DATA_DIR: folder });
    expect(here).toMatchObject({
      exitCode: 0,
      result: { settings: 'ok', database: 'ok', 'journal folder': 'ok' },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says what to do about each thing that is wrong', async () => {
    const folder = write('file', '');
    const port = await freePort();
    const { exitCode, found, result } = await findings({
      DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none`,
      GRANTKEEPER_DATA_DIR: folder,
      GRANTKEEPER_KEKS: 'nonsense',
      GRANTKEEPER_PUBLIC_URL: `http://127.0.0.1:${port}`,
      GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify({ 'vonage-contact-center': `http://127.0.0.1:${port}` }),
    });
    expect({ exitCode, result }).toMatchObject({
      exitCode: 1,
      result: {
        settings: 'failed',
        database: 'failed',
        'journal folder': 'failed',
        [`egress to http://127.0.0.1:${port}`]: 'failed',
        'callback URL': 'failed',
      },
    });
    expect(found.filter(({ result, remedy }) => result === 'failed' && !remedy)).toEqual([]);
    expect((await cli('doctor', { env: { GRANTKEEPER_URL: `http://127.0.0.1:${port}` } })).exitCode).toBe(3);
  });
});

describe('the program', () => {
  it('is the bin of the package, and ends with the code', () => {
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [JSON.parse(readFileSync('package.json', 'utf8')).bin.grantkeeper, ...args],
        {
          encoding: 'utf8',
          env: { PATH: process.env['PATH'] ?? '', HOME: cli.folder, GRANTKEEPER_URL: api.origin },
        },
      );
    expect(run('--version')).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    expect(run('tenants', 'list')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('no key'),
    });
  });
});

describe('a token', () => {
  const read = (more = '') => cli(`token acme/main${more}`);

  it('is printed as each program wants it', async () => {
    const { json: token } = await acme.reader('GET', `${acme.path}/connections/main/token`);
    const { access_token, token_type, expires_at } = token;
    expect((await read()).out).toBe(`${access_token}\n`);
    expect((await read(' --format json')).json).toMatchObject({
      access_token,
      token_type,
      expires_at,
      generation: 1,
    });
    expect((await read(' --json')).json).toMatchObject({ access_token });
    expect((await read(' --format header')).out).toBe(`Authorization: ${token_type} ${access_token}\n`);
    const { out: env } = await read(' --format env');
    const shell = spawnSync('sh', ['-c', `${env} printf %s "$ACCESS_TOKEN|$ACCESS_TOKEN_EXPIRES_AT"`], {
      encoding: 'utf8',
    });
    expect(shell.stdout).toBe(`${access_token}|${expires_at}`);
    expect((await read(' --format exec-credential')).json).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: access_token, expirationTimestamp: expires_at },
    });
    const beta = {
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1beta1' }),
    };
    expect((await cli('token acme/main --format exec-credential', { env: beta })).json.apiVersion).toMatch(
      /v1beta1$/,
    );
    expect((await read(' --format credential-process')).json).toEqual({
      Version: 1,
      AccessToken: access_token,
      TokenType: token_type,
      Expiration: expires_at,
    });
  });

  /** The API behind a door that counts, each answer with what is left of the token in seconds. */
  const counted = async (secondsLeft?: number | null, scope?: string) => {
    const asked: string[] = [];
    const door = await serve(async ({ url = '', headers }, response) => {
      asked.push(url);
      const answer = await fetch(api.origin + url, {
        headers: { authorization: headers.authorization ?? '' },
      });
      const left = secondsLeft === undefined ? {} : { expires_in: secondsLeft };
      const body = { ...((await answer.json()) as object), ...left, ...(scope ? { scope } : {}) };
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const home = cliOf({ GRANTKEEPER_URL: door.origin, GRANTKEEPER_KEY: adminKey });
    const cache = join(home.folder, '.cache/grantkeeper');
    return { asked, door, home, cache, files: () => readdirSync(cache).map((name) => join(cache, name)) };
  };

  it('is kept for its owner alone, by address, key and connection, and asked for once', async () => {
    const { asked, door, home, cache, files } = await counted();
    try {
      const runs = await Promise.all(Array.from({ length: 20 }, () => home('token acme/main')));
      expect(new Set(runs.map(({ exitCode, out }) => `${exitCode} ${out}`)).size).toBe(1);
      expect(asked).toHaveLength(1);
      expect(statSync(cache).mode & 0o777).toBe(0o700);
      expect(files().map((file) => statSync(file).mode & 0o777)).toEqual([0o600]);
      expect(readFileSync(files()[0] ?? '', 'utf8')).not.toContain(adminKey);
      expect((await home('token acme/main --no-cache')).out).toBe(runs[0]?.out);
      expect(asked).toHaveLength(2);
      const otherKey = (await cli('keys create acme --name other --role token_reader --json')).json.key;
      expect((await home('token acme/main', { env: { GRANTKEEPER_KEY: otherKey } })).exitCode).toBe(0);
      expect(asked).toHaveLength(3);
      expect(files()).toHaveLength(2);
      expect((await home('token acme/nothing')).exitCode).toBe(1);
      expect(files()).toHaveLength(2);
    } finally {
      await door.close();
    }
  });

  it('is asked for once by many processes', async () => {
    const { asked, door, home } = await counted();
    try {
      const env = { PATH: process.env['PATH'] ?? '', HOME: home.folder, GRANTKEEPER_URL: door.origin };
      const read = () =>
        promisify(execFile)(process.execPath, ['dist/apps/cli/main.js', 'token', 'acme/main'], {
          env: { ...env, GRANTKEEPER_KEY: adminKey },
        });
      const runs = await Promise.all(Array.from({ length: scaled(3, 30) }, read));
      expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
      expect(asked).toHaveLength(1);
    } finally {
      await door.close();
    }
  });

  it('is asked for again once it has less left than is wanted', async () => {
    const { asked, door, home } = await counted(100);
    try {
      await home('token acme/main --min-ttl 50');
      await home('token acme/main --min-ttl 90');
      expect(asked).toHaveLength(1);
      await home('token acme/main --min-ttl 101');
      await home('token acme/main --min-ttl 101');
      expect(asked.slice(1)).toEqual(Array(2).fill('/v1/tenants/acme/connections/main/token?min_ttl=101'));
    } finally {
      await door.close();
    }
  });

  it('is never kept where it is good for one call', async () => {
    const { asked, door, home, files } = await counted(
      100,
      'dpv:FraudPrevention#number-verification-verify-read',
    );
    try {
      await home('token acme/main');
      await home('token acme/main');
      expect(asked).toHaveLength(2);
      expect(files()).toEqual([]);
    } finally {
      await door.close();
    }
  });

  it('is not taken from a file or a folder that others may get at', async () => {
    const { asked, door, home, cache, files } = await counted();
    try {
      await home('token acme/main');
      const [file = ''] = files();
      const forged = readFileSync(file, 'utf8').replace(/"access_token":"[^"]*"/, '"access_token":"forged"');
      writeFileSync(file, forged);
      expect((await home('token acme/main')).out).toBe('forged\n');
      chmodSync(file, 0o640);
      const wide = await home('token acme/main');
      expect(wide.err).toMatch(
        /^grantkeeper: the token is not kept in .*others may get at it \(mode 640\)\.\n$/,
      );
      expect(wide.out).not.toContain('forged');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await home('token acme/main')).err).toBe('');
      expect(asked).toHaveLength(2);
      const elsewhere = join(home.folder, 'forged.json');
      writeFileSync(elsewhere, forged, { mode: 0o600 });
      spawnSync('rm', [file]);
      symlinkSync(elsewhere, file);
      expect(await home('token acme/main')).toMatchObject({
        err: expect.stringContaining('it is a link'),
        out: wide.out,
      });
      chmodSync(cache, 0o755);
      expect((await home('token acme/main')).err).toContain('(mode 755)');
      expect(asked).toHaveLength(4);
    } finally {
      await door.close();
    }
  });
});
