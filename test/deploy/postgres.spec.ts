import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { migrate } from '#vault';
import { importGrant, registerModes } from '../crash/rotating-grants.js';
import { freePort } from '../support/free-port.js';
import { clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { installedPostgres, password, SystemProcesses } from '../support/installed-postgres.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { checkout, marked, readDocument, shellBlocks } from './documents.js';

const programs = installedPostgres() ?? '';
const hasBouncer = spawnSync('pgbouncer', ['--version']).status === 0;
if (programs === '')
  process.stdout.write(
    'No PostgreSQL server with pg_dump is installed: backup and PgBouncer were not tried\n',
  );
else if (!hasBouncer) process.stdout.write('pgbouncer is not installed: it was not tried\n');

(programs ? describe : describe.skip)('the PostgreSQL of this system', () => {
  const system = new SystemProcesses();
  let direct: string;
  let pooled: string;
  let installation: Installation;
  let api: Api;
  let empty: OwnPostgres;
  const urlAt = (port: number) =>
    `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/grantkeeper`;

  beforeAll(async () => {
    const port = await system.startPostgres(programs);
    direct = urlAt(port);
    const make = [direct.replace(/grantkeeper$/, 'postgres'), '-c', 'create database grantkeeper'];
    expect(spawnSync(join(programs, 'psql'), make).status).toBe(0);
    await migrate({ url: direct });
    pooled = hasBouncer ? urlAt(await startBouncer(port)) : direct;
    installation = await startInstallation({
      DATABASE_URL: pooled,
      DATABASE_DIRECT_URL: direct,
      GRANTKEEPER_KEKS: `backup:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    api = await installation.startApi();
    await registerModes(installation, api);
  }, 180_000);
  afterAll(async () => {
    await installation?.close();
    await empty?.remove();
    await system.stop();
  }, 60_000);

  /** As the page says; only addresses and paths are others. */
  async function startBouncer(databasePort: number): Promise<number> {
    const port = await freePort();
    const [, recipe = ''] =
      /```ini\n(.*?)```/s.exec(marked(readDocument('docs/pgbouncer.md'), 'pgbouncer')) ?? [];
    const users = system.write('userlist.txt', `"postgres" "${password}"\n`);
    const config = recipe
      .replace('host=db.example.com port=5432', `host=127.0.0.1 port=${databasePort}`)
      .replace('listen_addr = 0.0.0.0', 'listen_addr = 127.0.0.1\nunix_socket_dir =')
      .replace('listen_port = 6432', `listen_port = ${port}`)
      .replace('/etc/pgbouncer/userlist.txt', users)
      .replace('[databases]\n', `[databases]\npostgres = host=127.0.0.1 port=${databasePort}\n`);
    system.start('pgbouncer', [system.write('pgbouncer.ini', config)]);
    await system.answering(programs, port);
    return port;
  }

  (hasBouncer ? it : it.skip)(
    'is used through PgBouncer in transaction mode',
    async () => {
      const connections = await Promise.all(
        Array.from({ length: 8 }, () => importGrant(installation, api, 'grace')),
      );
      const renewed = await Promise.all(connections.map(({ path }) => api.admin('POST', `${path}/renew`)));
      expect(renewed.map(({ status, json }) => [status, json.generation])).toEqual(
        connections.map(() => [200, 2]),
      );
      const reads = await Promise.all(
        connections.flatMap(({ path }) => [1, 2, 3].map(() => api.admin('GET', `${path}/token`))),
      );
      expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
      expect((await api.admin('GET', '/readyz')).json.reasons ?? []).toEqual([]);
      expect((await api.admin('GET', '/metrics')).text).toContain('grantkeeper_changes_heard 1');

      const key = { name: 'reader', role: 'token_reader' };
      const { json } = await api.admin('POST', '/v1/tenants/acme/api_keys', key);
      const reader = clientOf(api.origin, json.key);
      const read = () => reader('GET', `${connections[0]?.path}/token`);
      expect((await read()).status).toBe(200);
      expect((await api.admin('DELETE', `/v1/tenants/acme/api_keys/${json.id}`)).status).toBe(204);
      await eventually(async () => expect((await read()).status).toBe(401));
    },
    60_000,
  );

  const run = (part: string, url: string) => {
    const [command = ''] = shellBlocks(marked(readDocument('docs/backup.md'), part));
    const BACKUP_DIR = join(system.folder, 'backup');
    const PATH = `${programs}:${process.env['PATH'] ?? ''}`;
    const env = { PATH, DATABASE_URL: url, BACKUP_DIR };
    return spawnSync('/bin/sh', ['-c', command], { cwd: checkout, encoding: 'utf8', env });
  };

  it('is backed up, restored into an empty server, and gets back what the journals know', async () => {
    const once = await importGrant(installation, api, 'strict');
    expect(run('backup', direct)).toMatchObject({ status: 0, stderr: '' });
    expect((await api.admin('POST', `${once.path}/renew`)).json.generation).toBe(2);
    await api.stop();

    empty = await startOwnPostgres();
    const restored = empty.url('grantkeeper');
    expect(run('restore', restored)).toMatchObject({ status: 0, stderr: '' });
    expect(run('restore', restored)).toMatchObject({ status: 1, stderr: expect.stringContaining('already') });
    await migrate({ url: restored });

    const again = { DATABASE_URL: restored, DATABASE_DIRECT_URL: restored };
    api = await installation.startApi(again);
    expect((await api.admin('GET', once.path)).json).toMatchObject({ status: 'active', generation: 2 });
    expect((await api.admin('GET', '/v1/hold')).json).toMatchObject({ held: false });
    // Until the journals are compared, nobody renews.
    const renewed = await eventually(async () => {
      const answer = await api.admin('POST', `${once.path}/renew`);
      expect(answer.status).toBe(200);
      return answer.json;
    }, 20_000);
    expect(renewed.generation).toBe(3);
  }, 120_000);
});
