import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { runAuditCommand } from '../../apps/cli/audit/audit-command.js';
import { clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';
import { compileCache } from '../support/role-process.js';
import { allowedMs, scaled } from '../support/scale.js';

/** Before a drain, before a flush, and before a kill: in the long form 100,000 together. */
const readsPerPart = scaled(500, 33_350);
const atOnce = 50;
/** A process that is killed may lose the reads of so many seconds. */
const flushSeconds = 3;

/**
 * Each on the chain of the tenant, by somebody who may write every table but cannot make a MAC. `$N` is the number
 * of the last event but two.
 */
const tamperings: Readonly<Record<string, { readonly sql: string; readonly found: string }>> = {
  edit: {
    sql: "update gk.audit_events set actor = 'another' where tenant_id = $T and sequence = $N",
    found: 'edited',
  },
  delete: { sql: 'delete from gk.audit_events where tenant_id = $T and sequence = $N', found: 'missing' },
  insert: {
    sql: `insert into gk.audit_events (tenant_id, sequence, actor, action, outcome, data, created_at, previous_hash, hash, kid, mac)
        select tenant_id, sequence + 1, 'x', action, outcome, data, created_at, hash, hash, kid, mac
        from gk.audit_events where tenant_id = $T order by sequence desc limit 1;
      update gk.audit_chains set sequence = sequence + 1 where tenant_id = $T`,
    found: 'edited',
  },
  reorder: {
    sql: `update gk.audit_events set sequence = 1000000 where tenant_id = $T and sequence = $N;
      update gk.audit_events set sequence = $N where tenant_id = $T and sequence = $N + 1;
      update gk.audit_events set sequence = $N + 1 where tenant_id = $T and sequence = 1000000`,
    found: 'unlinked',
  },
  truncate: {
    sql: `delete from gk.audit_events where tenant_id = $T and sequence > $N;
      update gk.audit_chains c set sequence = e.sequence, hash = e.hash from gk.audit_events e
        where c.tenant_id = $T and e.tenant_id = $T and e.sequence = $N`,
    found: 'truncated',
  },
  restamp: {
    sql: `update gk.audit_events set created_at = created_at + interval '1 millisecond'
      where tenant_id = $T and sequence = $N`,
    found: 'edited',
  },
};
const keks = `k1:${Buffer.alloc(32, 5).toString('base64')}`;

describe('the audit trail of real processes', () => {
  let installation: Installation;
  let first: Api;
  let folder: string;
  let tokenPath: string;
  let readerKey: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gk-audit-'));
    installation = await startInstallation({ GRANTKEEPER_KEKS: keks });
    first = await installation.startApi();
    ({ tokenPath, readerKey } = await onboard(first.admin));
  }, 90_000);
  afterAll(async () => {
    await installation?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const audited = async () => {
    const [row] = await installation.database.query<{ sum: string }>(
      "select coalesce(sum((data->>'count')::bigint), 0) as sum from gk.audit_events where action = 'token.read'",
    );
    return Number(row?.sum);
  };
  const read = async (api: Api) => {
    const reader = clientOf(api.origin, readerKey);
    for (let done = 0; done < readsPerPart; done += atOnce) {
      const answers = await Promise.all(Array.from({ length: atOnce }, () => reader('GET', tokenPath)));
      if (answers.some(({ status }) => status !== 200)) throw new Error('Expected a token from each read.');
    }
  };
  const settings = () => ({
    DATABASE_URL: installation.database.url,
    GRANTKEEPER_DATA_DIR: folder,
    GRANTKEEPER_KEKS: keks,
  });
  /** In this process: each of its own takes seconds to start. */
  const audit = async (...args: string[]) => {
    Object.assign(process.env, settings());
    let stdout = '';
    const status = await runAuditCommand(args, (text) => {
      stdout += text;
    });
    return { status, stdout };
  };

  it('shows each of six tamperings on the command line', async () => {
    const { query } = installation.database;
    for (const team of ['a', 'b', 'c', 'd']) {
      await first.admin('PATCH', tokenPath.replace(/\/token$/, ''), { labels: { team } });
    }
    const { json: checkpoint } = await first.admin('GET', '/v1/tenants/acme/audit_events/checkpoint');
    const path = join(folder, 'checkpoint-of-acme.json');
    writeFileSync(path, JSON.stringify(checkpoint));
    await query(`create table public.kept_events as select * from gk.audit_events;
      create table public.kept_chains as select * from gk.audit_chains`);
    const foundOf = async () => {
      const { status, stdout } = await audit('verify', '--from', path, '--json');
      const { chains } = JSON.parse(stdout) as { chains: { findings: { kind: string }[] }[] };
      return { status, kinds: chains.flatMap(({ findings }) => findings.map(({ kind }) => kind)) };
    };
    let found = 0;
    for (const [name, { sql, found: kind }] of Object.entries(tamperings)) {
      expect(await foundOf()).toEqual({ status: 0, kinds: [] });
      const ofAcme = "(select id from gk.tenants where slug = 'acme')";
      await query(sql.replaceAll('$T', ofAcme).replaceAll('$N', String(checkpoint.sequence - 2)));
      const { status, kinds } = await foundOf();
      expect({ name, status, kinds }).toEqual({ name, status: 1, kinds: expect.arrayContaining([kind]) });
      found += 1;
      await query(`delete from gk.audit_events; insert into gk.audit_events select * from public.kept_events;
        delete from gk.audit_chains; insert into gk.audit_chains select * from public.kept_chains`);
    }
    process.stdout.write(`audit trail: ${found} of ${Object.keys(tamperings).length} tamperings found\n`);
  }, 60_000);

  it('is verified from the command line, against checkpoints, and pruned', async () => {
    expect((await first.admin('POST', '/v1/api_keys', { name: 'second' })).status).toBe(201);
    const { json: checkpoint } = await first.admin('GET', '/v1/audit_events/checkpoint');
    const path = join(folder, 'checkpoint.json');
    writeFileSync(path, JSON.stringify(checkpoint));
    const command = spawnSync(
      process.execPath,
      ['dist/apps/cli/main.js', 'audit', 'verify', '--from', path],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...settings() },
      },
    );
    expect(command).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^platform: \d+ events.*intact\nacme: .*\nThe audit trail is intact\.\n$/,
      ),
    });
    expect(JSON.parse((await audit('verify', '--json')).stdout)).toMatchObject({
      ok: true,
      chains: [
        { chain: 'platform', sequence: checkpoint.sequence },
        { chain: 'acme', findings: [] },
      ],
    });

    await installation.database.query(
      `delete from gk.audit_events where tenant_id is null and sequence = ${checkpoint.sequence};
       update gk.audit_chains c set sequence = e.sequence, hash = e.hash from gk.audit_events e
         where c.tenant_id is null and e.tenant_id is null and e.sequence = ${checkpoint.sequence - 1}`,
    );
    expect((await audit('verify')).status).toBe(0);
    // A line of the log does as well.
    writeFileSync(path, `${JSON.stringify({ msg: 'audit checkpoint', checkpoint })}\n`);
    expect(await audit('verify', '--from', path)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`number ${checkpoint.sequence}: truncated`),
    });

    expect((await audit('prune', '--before', '2999-01-01T00:00:00Z')).status).toBe(0);
    const rows = await installation.database.query(
      'select action from gk.audit_events order by tenant_id nulls first',
    );
    expect(rows).toEqual([{ action: 'audit.prune' }, { action: 'audit.prune' }]);
    expect((await audit('verify')).status).toBe(0);

    writeFileSync(path, '{}');
    for (const args of [
      [],
      ['verify', '--from', path],
      ['prune'],
      ['prune', '--before', 'x'],
      ['verify', 'x'],
    ]) {
      expect({ args, status: (await audit(...args)).status }).toEqual({ args, status: 2 });
    }
  }, 120_000);

  it(
    'counts every token read, over a drain, and over kill -9 up to the last flush',
    async () => {
      await read(first);
      expect(await first.stop()).toBe(0);
      expect(await audited()).toBe(readsPerPart);

      const killed = await installation.startApi();
      await read(killed);
      await eventually(async () => expect(await audited()).toBe(2 * readsPerPart), 30_000);
      const events = await installation.database.query(
        "select 1 from gk.audit_events where action = 'token.read'",
      );
      const startedAt = performance.now();
      await read(killed);
      const perSecond = readsPerPart / ((performance.now() - startedAt) / 1_000);
      await killed.stop('SIGKILL');
      const lost = 3 * readsPerPart - (await audited());
      process.stdout.write(
        `audit trail: ${2 * readsPerPart} token reads add up in ${events.length} events; ` +
          `of ${readsPerPart} more, kill -9 lost ${lost}, at ${Math.round(perSecond)} a second for at most ${flushSeconds} s\n`,
      );
      expect(lost).toBeGreaterThanOrEqual(0);
      expect(lost).toBeLessThanOrEqual(readsPerPart);
      // The flush itself takes a moment, and reads come faster at one time than at another.
      expect(lost).toBeLessThanOrEqual(2 * (flushSeconds + 1) * perSecond);
      expect(events.length).toBeLessThan(readsPerPart / 20);
      expect((await audit('verify')).status).toBe(0);
    },
    allowedMs(120, 400),
  );
});
