import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { findCommand } from '../../scripts/bootstrap/commands.mjs';
import { freePort } from '../support/free-port.js';
import { type Client, clientOf } from '../support/http.js';
import { onboard } from '../support/onboarding.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { type RoleProcess, startRole } from '../support/role-process.js';
import { scaled } from '../support/scale.js';
import { runToEnd, type StartedProcess, startProcess } from '../support/start-process.js';

const roles = ['start:api', 'start:worker'] as const;
type Role = (typeof roles)[number];
/** Both roles read the same settings: in the short version each is missed by one of them. */
const required = {
  'start:api': scaled(['DATABASE_URL', 'GRANTKEEPER_BOOTSTRAP_KEY'], allRequired()),
  'start:worker': scaled(['GRANTKEEPER_KEKS'], allRequired()),
};
/** Likewise a schema that is not theirs. */
const aheadFor = scaled<readonly Role[]>(['start:worker'], roles);
const unmigratedFor = scaled<readonly Role[]>(['start:api'], roles);
const appLogin = { user: 'grantkeeper_app', password: 'an-operators-choice' };
const outageMs = 3_000;
/** The short version leaves room for a machine that is busy with other suites. */
const backWithinMs = scaled(9_000, 3_000);

describe('the production commands', () => {
  const adminKey = `operator-${randomBytes(20).toString('hex')}`;
  const started: StartedProcess[] = [];
  let postgres: OwnPostgres;
  let folder: string;
  let sandbox: RoleProcess;
  let production: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gk-roles-'));
    postgres = await startOwnPostgres();
    const sandboxPort = String(await freePort());
    sandbox = await startRole('sandbox', { SANDBOX_PORT: sandboxPort });
    const sandboxOrigin = `http://127.0.0.1:${sandboxPort}`;
    production = {
      NODE_ENV: 'production',
      DATABASE_URL: postgres.url('grantkeeper'),
      GRANTKEEPER_DATA_DIR: folder,
      GRANTKEEPER_KEKS: `k1:${randomBytes(32).toString('base64')}`,
      GRANTKEEPER_BOOTSTRAP_KEY: adminKey,
      GRANTKEEPER_PUBLIC_URL: 'https://grantkeeper.example.com',
      GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify({ 'vonage-contact-center': sandboxOrigin }),
      GRANTKEEPER_EGRESS_ALLOW: sandboxOrigin,
    };
  }, 180_000);
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGTERM');
    await Promise.all(started.map(({ exited }) => exited));
    await sandbox.stop();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const ownPorts = { PORT: '0', WORKER_PORT: '0' };
  const runByNpm = (script: string, env: Record<string, string> = production) =>
    runToEnd({ command: ['npm', 'run', '--silent', script], env: { ...ownPorts, ...env } });
  /** Runs the npm script's command, with all installed and built, without the second npm takes to come there. */
  const run = (script: string, env: Record<string, string> = production) =>
    runToEnd({
      command: [process.execPath, ...(findCommand(script).argv ?? [])],
      env: { ...ownPorts, ...env },
    });
  const start = async (script: (typeof roles)[number], databaseUrl: string, dataDir: string) => {
    const port = String(await freePort());
    const role = await startProcess(
      {
        command: ['npm', 'run', '--silent', script],
        env: {
          ...production,
          PORT: port,
          WORKER_PORT: port,
          DATABASE_URL: databaseUrl,
          GRANTKEEPER_DATA_DIR: join(folder, dataDir),
          HTTPS_PROXY: 'http://user:canary@proxy.example:3128',
        },
      },
      (line) => line.endsWith('"msg":"ready"}'),
    );
    started.push(role);
    const told = role.lines.filter((line) => line.includes('the variables for a proxy are ignored'));
    expect(told).toEqual([expect.stringContaining('"ignored":["HTTPS_PROXY"]')]);
    expect(role.lines.join()).not.toContain('canary');
    return `http://127.0.0.1:${port}`;
  };

  it.each(roles)(
    '%s refuses production without what it needs: a database, keys, an admin key',
    (script) => {
      for (const [index, name] of required[script].entries()) {
        const by = index === 0 ? runByNpm : run;
        const { code, said } = by(script, { ...production, [name]: '' });
        expect(said).toEqual([expect.stringContaining(`${name} is required`)]);
        expect(code).toBe(1);
      }
    },
    60_000,
  );

  it.each(unmigratedFor)(
    '%s refuses a database that was never migrated',
    (script) => {
      const { code, said } = run(script);
      expect(said).toEqual([expect.stringMatching(/Found 0, wanted \d+: run npm run migrate/)]);
      expect(code).toBe(1);
    },
    60_000,
  );

  it('migrate needs no superuser, only a login that may create roles and owns the database', async () => {
    const login = { user: 'migrator', password: 'of-the-migrator' };
    await postgres.query(`create role ${login.user} login createrole password '${login.password}'`);
    await postgres.query(`create database modest owner ${login.user}`);
    const env = { DATABASE_URL: postgres.url('modest', login) };
    expect(run('migrate', env)).toEqual({ code: 0, said: [expect.stringMatching(/migrations ran/)] });
    expect(run('migrate', env)).toEqual({ code: 0, said: ['The schema is up to date.'] });
  }, 60_000);

  it('migrate makes the schema once, and needs to be told where', () => {
    const migrated = { code: 0, said: [expect.stringMatching(/^\d+ migrations ran\.$/)] };
    expect(runByNpm('migrate')).toEqual(migrated);
    expect(run('migrate')).toEqual({ code: 0, said: ['The schema is up to date.'] });
    expect(runByNpm('migrate', {})).toEqual({
      code: 1,
      said: [expect.stringContaining('DATABASE_URL is not set')],
    });
  }, 60_000);

  it('migrate says what is wrong, without the password', async () => {
    const login = { user: 'nobody', password: 'canary' };
    const refused = run('migrate', { DATABASE_URL: postgres.url('grantkeeper', login) });
    expect(refused).toEqual({ code: 1, said: [expect.stringMatching(/password authentication failed/)] });
    await postgres.query(`alter role ${appLogin.user} password '${appLogin.password}'`);
    await postgres.query('create database poor');
    const poor = run('migrate', { DATABASE_URL: postgres.url('poor', appLogin) });
    expect(poor).toEqual({ code: 1, said: [expect.stringMatching(/permission denied/)] });
    expect(JSON.stringify([refused, poor])).not.toMatch(/canary|an-operators-choice/);
  }, 60_000);

  it.each(aheadFor)(
    '%s refuses a schema that is two versions ahead',
    async (script) => {
      const ahead = `insert into gk.migrations ("timestamp", name) select n, 'Later' || n from generate_series(1, 2) n`;
      await postgres.query(ahead, 'grantkeeper');
      try {
        const { code, said } = run(script);
        expect(said).toEqual([expect.stringMatching(/Found \d+, wanted \d+/)]);
        expect(code).toBe(1);
      } finally {
        await postgres.query(`delete from gk.migrations where name like 'Later%'`, 'grantkeeper');
      }
    },
    60_000,
  );

  describe('two api replicas and a worker, one version behind the schema and with the least privileges', () => {
    let apis: string[];
    let worker: string;
    let admins: Client[];
    let tokenPath: string;
    let readers: Client[];

    beforeAll(async () => {
      await postgres.query(`alter role ${appLogin.user} password '${appLogin.password}'`);
      await postgres.query(
        `insert into gk.migrations ("timestamp", name) values (1, 'Later')`,
        'grantkeeper',
      );
      const url = postgres.url('grantkeeper', appLogin);
      apis = await Promise.all([start('start:api', url, 'a'), start('start:api', url, 'b')]);
      worker = await start('start:worker', url, 'w');
      admins = apis.map((origin) => clientOf(origin, adminKey));
      const made = await onboard(admins[0] ?? clientOf(''));
      tokenPath = made.tokenPath;
      readers = apis.map((origin) => clientOf(origin, made.readerKey));
    }, 60_000);

    it('serve the same token, and are ready', async () => {
      const tokens = await Promise.all(
        readers.map(async (read) => (await read('GET', tokenPath)).json.access_token),
      );
      expect(tokens[0]).toMatch(/.+/);
      expect(tokens[1]).toBe(tokens[0]);
      for (const origin of [...apis, worker]) {
        expect((await clientOf(origin)('GET', '/readyz')).status).toBe(200);
      }
    });

    it('are back within seconds of the database', async () => {
      await postgres.stop();
      for (const origin of [...apis, worker]) {
        expect((await clientOf(origin)('GET', '/readyz')).status).toBe(503);
        expect((await clientOf(origin)('GET', '/livez')).status).toBe(200);
      }
      // Long enough for whoever waits longer after each failure to be caught waiting.
      await sleep(outageMs);
      await postgres.start();
      const startedAt = performance.now();
      await eventually(async () => {
        for (const origin of [...apis, worker]) {
          expect((await clientOf(origin)('GET', '/readyz')).status).toBe(200);
        }
        for (const admin of admins) {
          expect((await admin('POST', tokenPath.replace(/token$/, 'renew'))).status).toBe(200);
        }
      }, backWithinMs);
      process.stdout.write(`back after ${Math.round(performance.now() - startedAt)} ms\n`);
    }, 30_000);

    it('stop in order when npm is told to', async () => {
      for (const { child } of started) child.kill('SIGTERM');
      expect(await Promise.all(started.map(({ exited }) => exited))).toEqual([0, 0, 0]);
    }, 30_000);
  });
});

function allRequired(): string[] {
  return ['DATABASE_URL', 'GRANTKEEPER_KEKS', 'GRANTKEEPER_BOOTSTRAP_KEY'];
}
