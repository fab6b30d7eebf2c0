import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { importGrant, type RotatingConnection, registerModes } from '../crash/rotating-grants.js';
import { type SmallDisk, smallDisk } from '../crash/small-disk.js';
import { AlertDesk } from '../support/alert-desk.js';
import { freePort } from '../support/free-port.js';
import { clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const tenant = 'acme';
const provider = 'generic-oauth2';

/** Each thing goes wrong in a running system, is seen in its metrics, and is mended by what the runbook says. */
(hasCurl ? describe : describe.skip)('a night at the desk', () => {
  let installation: Installation;
  let api: Api;
  /** Another one, which has kept nothing in its journal before its disk is full. */
  let replica: Api;
  let targets: Record<string, string>;
  let disk: SmallDisk;
  let desk: AlertDesk;
  let none: RotatingConnection;
  let strict: RotatingConnection;
  const folder = mkdtempSync(join(tmpdir(), 'gk-night-'));
  const dataDir = join(folder, 'data');
  const pids: number[] = [];

  beforeAll(async () => {
    disk = smallDisk(() => pids);
    symlinkSync(disk.folder, dataDir);
    installation = await startInstallation({
      GRANTKEEPER_KEKS: `night:${Buffer.alloc(32, 7).toString('base64')}`,
      GRANTKEEPER_DATA_DIR: dataDir,
    });
    const workerPort = await freePort();
    const [first, second, worker] = await Promise.all([
      installation.startApi(),
      installation.startApi(),
      installation.startWorker({ WORKER_PORT: String(workerPort) }),
    ]);
    api = first;
    replica = second;
    pids.push(...[api, replica, worker].map(({ child }) => child.pid ?? 0));
    targets = {
      api: `${api.origin}/metrics`,
      replica: `${replica.origin}/metrics`,
      worker: `http://127.0.0.1:${workerPort}/metrics`,
    };
    desk = new AlertDesk(
      targets,
      {
        GRANTKEEPER_URL: api.origin,
        GRANTKEEPER_KEY: installation.adminKey,
        GRANTKEEPER_DATA_DIR: dataDir,
        TENANT: tenant,
        PROVIDER: provider,
      },
      folder,
    );
    await registerModes(installation, api);
    none = await importGrant(installation, api, 'none');
    strict = await importGrant(installation, api, 'strict');
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    disk.remove();
    rmSync(folder, { recursive: true });
  });

  const renew = ({ path }: RotatingConnection) => api.admin('POST', `${path}/renew`);

  /** @returns a function that puts the rows of a connection back to how they are now */
  async function backup(slug: string): Promise<() => Promise<void>> {
    const { query } = installation.database;
    const kept: (readonly [table: string, row: string])[] = [];
    for (const [table, which] of [
      ['connections', 'id'],
      ['token_sets', 'connection_id'],
    ] as const) {
      const sql = `select row_to_json(t)::text as row from gk.${table} t
        where ${which} = (select id from gk.connections where slug = $1)`;
      for (const { row } of await query<{ row: string }>(sql, [slug])) kept.push([table, row]);
    }
    return async () => {
      await query('delete from gk.connections where slug = $1', [slug]);
      for (const [table, row] of kept) {
        const columns = await installation.database.writtenColumns(table);
        await query(
          `insert into gk.${table} (${columns}) select ${columns} from json_populate_record(null::gk.${table}, $1)`,
          [row],
        );
      }
    };
  }

  /** Nothing fires, and a grant of each kind can be renewed. */
  async function healthy(): Promise<void> {
    desk.letTimePass();
    await desk.scrape();
    for (const connection of [none, strict]) expect((await renew(connection)).status).toBe(200);
    await eventually(async () => {
      await desk.scrape();
      expect(desk.firing()).toEqual({});
    });
  }

  it('begins with a system that nobody is woken by', healthy);

  it('a client secret has expired: the new one is added', async () => {
    const path = `/_control/clients/${provider}/${none.clientId}`;
    const client_secret = 'the secret of the next year';
    expect((await installation.sandbox('PATCH', path, { client_secret })).status).toBe(200);
    for (let n = 0; n < 2; n += 1) {
      expect((await renew(none)).status).not.toBe(200);
      await desk.scrape();
    }
    expect(desk.firing()).toEqual({ GrantkeeperRenewalsFailing: [{ provider }] });

    const paste = desk.runbook('GrantkeeperRenewalsFailing');
    const { items } = JSON.parse(paste(0));
    expect(items).toMatchObject([
      { id: none.id, status: 'degraded', last_error: { code: 'invalid_client' } },
    ]);
    const found = { CREDENTIAL: items[0].credential, CONNECTION: items[0].id };
    writeFileSync(join(folder, 'new-secret.json'), JSON.stringify({ client_secret }));
    paste(1, found);
    expect(JSON.parse(paste(2, found))).toMatchObject({ status: 'active', last_error: null });
    await healthy();
  });

  it('the disk of a journal is full: room is made', async () => {
    disk.fill();
    expect((await replica.admin('POST', `${strict.path}/renew`)).status).toBe(503);
    desk.letTimePass();
    await desk.scrape();
    expect(desk.firing()).toEqual({ GrantkeeperJournalUnavailable: [{ instance: 'replica' }] });

    const paste = desk.runbook('GrantkeeperJournalUnavailable');
    expect(paste(0)).toContain('journal');
    expect(paste(1)).toMatch(disk.means === 'small file system' ? /\d+\s+\S+filler\n/ : /journal/);
    disk.free();
    const connection = paste(3, { GRANTKEEPER_URL: replica.origin, CONNECTION: strict.id });
    expect(JSON.parse(connection)).toMatchObject({ last_error: null });
    await healthy();
  });

  it('the database was put back, so renewals are held: the hold is released, and what it costs is listed', async () => {
    const old = await importGrant(installation, replica, 'strict');
    const putBack = await backup(old.id);
    for (let n = 0; n < 2; n += 1)
      expect((await replica.admin('POST', `${old.path}/renew`)).status).toBe(200);
    await putBack();
    // The others take over what it leaves, and compare all of that with the database.
    await replica.stop();
    delete targets['replica'];
    await eventually(async () => {
      desk.letTimePass();
      await desk.scrape();
      expect(desk.firing()).toEqual({ GrantkeeperRenewalsHeld: [{}] });
    }, 20_000);
    expect((await renew(none)).status).toBe(503);

    const paste = desk.runbook('GrantkeeperRenewalsHeld');
    expect(JSON.parse(paste(0))).toMatchObject({ held: true, reason: 'database_behind' });
    expect(JSON.parse(paste(1))).toMatchObject({ held: false });
    await renew(old);
    expect(JSON.parse(paste(2))).toMatchObject({ items: [{ id: old.id }] });
    await healthy();
  });

  it('the folder of the journals has gone: an empty one is given', async () => {
    rmSync(dataDir);
    const elsewhere = join(folder, 'another-volume');
    symlinkSync(elsewhere, dataDir);
    await eventually(async () => {
      desk.letTimePass();
      await desk.scrape();
      const both = [{ instance: 'api' }, { instance: 'worker' }];
      expect(desk.firing()).toEqual({ GrantkeeperJournalUnavailable: both });
    }, 20_000);
    expect((await renew(strict)).status).toBe(503);

    const paste = desk.runbook('GrantkeeperJournalUnavailable');
    expect(paste(0)).toContain('No such file or directory');
    expect(paste(2)).toBe('');
    await eventually(async () => expect((await renew(strict)).status).toBe(200), 20_000);
    await healthy();
  });

  it('a tenant floods: its caller is found, limited and shut out, and nobody else is in its way', async () => {
    const { tokenPath, readerKey } = await onboard(api.admin, { tenant: 'noisy' });
    await api.admin('PATCH', '/v1/tenants/noisy', { rate_limit_per_second: 10 });
    const reader = clientOf(api.origin, readerKey);
    const flood = async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => reader('GET', tokenPath)));
      return new Set(answers.map(({ status }) => status));
    };
    desk.letTimePass();
    await desk.scrape();
    await eventually(async () => {
      expect(await flood()).toContain(429);
      expect((await renew(none)).status).toBe(200);
      await desk.scrape();
      expect(desk.firing()).toEqual({ GrantkeeperRequestsLimited: [{ limit: 'tenant' }] });
    });

    const line = api.lines.find((text) => text.includes('requests are over a limit')) ?? '{}';
    const { tenant: TENANT, caller: CALLER } = JSON.parse(line);
    const paste = desk.runbook('GrantkeeperRequestsLimited');
    expect(paste(0, { TENANT, CALLER })).toMatch(/"rate_limit_per_second":10.*"role":"token_reader"/s);
    expect(JSON.parse(paste(1, { TENANT }))).toMatchObject({ key_rate_limit_per_second: 5 });
    expect(JSON.parse(paste(2, { TENANT }))).toMatchObject({ rate_limit_per_second: 500 });
    expect(paste(3, { TENANT, CALLER })).toBe('');
    await eventually(async () => expect(await flood()).not.toContain(200));
    await healthy();
  });
});
