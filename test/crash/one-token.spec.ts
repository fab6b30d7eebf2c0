import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { manyReads } from './many-reads.js';
import { importGrant, registerModes } from './rotating-grants.js';

const replicas = 3;
const reads = scaled(1_500, 10_000);
/** The sandbox's, in seconds. */
const tokenLifetime = 3_600;
/** Long enough for every replica to have readers waiting before there is an answer. */
const upstreamMs = 1_000;

describe(`${replicas} api replicas and one expired token`, () => {
  let installation: Installation;
  let apis: Api[];
  const folder = mkdtempSync(join(tmpdir(), 'gk-crash-'));

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_KEKS: `crash:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    // Counted from here on, by the server itself.
    await installation.database.query(
      `do $$ begin execute format('alter database %I set track_functions = ''all''', current_database()); end $$`,
    );
    apis = await Promise.all(
      Array.from({ length: replicas }, (_, n) =>
        installation.startApi({ GRANTKEEPER_DATA_DIR: join(folder, String(n)) }),
      ),
    );
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    `ask the provider once for ${reads} concurrent reads, and answer them all`,
    async () => {
      const [first] = apis;
      if (!first) throw new Error('There is no replica.');
      await registerModes(installation, first);
      const connection = await importGrant(installation, first, 'strict');
      await installation.database.setClockOffset(tokenLifetime + 1);
      await installation.sandbox('POST', '/_control/rules', {
        match: { provider: 'generic-oauth2' },
        times: null,
        respond_delay_ms: upstreamMs,
      });
      await installation.sandbox('DELETE', '/_control/requests');

      const answers = await manyReads(
        apis.map(({ origin }) => origin),
        `${connection.path}/token`,
        installation.adminKey,
        reads,
      );

      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(answers.length).toBe(reads);
      expect(new Set(answers.map(({ generation }) => generation))).toEqual(new Set([2]));
      const { json } = await installation.sandbox('GET', '/_control/counts');
      expect(json.total).toMatchObject({ arrived: 1, requests: 1 });
      // A session tells the server of its calls when it ends.
      await Promise.all(apis.map((api) => api.stop()));
      const statements = await eventually(async () => {
        const [row] = await installation.database.query<{ calls: number; sessions: number }>(
          `select (select sum(calls) from pg_stat_user_functions where funcname = 'read_token')::int as calls,
             (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())::int as sessions`,
        );
        expect(row?.sessions).toBe(0);
        return row?.calls ?? 0;
      }, 10_000);
      expect(statements).toBeGreaterThanOrEqual(replicas);
      process.stdout.write(`${reads} reads asked the database for the token ${statements} times\n`);
      expect(statements).toBeLessThanOrEqual(20 * replicas);
    },
    allowedMs(60, 180),
  );
});
