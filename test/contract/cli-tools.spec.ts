import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serve } from '#testing';
import { type Cli, cliOf } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
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
    const { asked, door, home, files } = await counted(100);
    try {
      await home('token acme/main --min-ttl 50');
      await home('token acme/main --min-ttl 90');
      // The lock of a process that was killed.
      const lock = `${files()[0] ?? ''}.lock`;
      writeFileSync(lock, '');
      utimesSync(lock, 0, 0);
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
