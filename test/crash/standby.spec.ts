import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import type { OwnPostgres } from '../support/own-postgres.js';
import { allowedMs, scaled } from '../support/scale.js';
import { type DatabaseProduct, startDatabaseProduct } from './database-product.js';
import { outcomeOf, renewUntilDecided } from './decide.js';
import { PostgresProxy } from './postgres-proxy.js';

const each = 3;

describe('a primary killed with renewals in flight, and its asynchronous standby promoted', () => {
  let product: DatabaseProduct;
  const servers: OwnPostgres[] = [];

  beforeAll(async () => {
    product = await startDatabaseProduct();
  }, 180_000);
  afterAll(async () => {
    await product.close();
    for (const server of servers) await server.remove();
  }, 60_000);

  /** Both servers at the same point. */
  async function inStep(primary: OwnPostgres): Promise<void> {
    const behind = `select 1 as streaming from pg_stat_replication where state = 'streaming'
      and replay_lsn >= pg_current_wal_lsn()`;
    await eventually(async () => expect(await primary.query(behind)).toHaveLength(1), 20_000);
  }

  const rounds = scaled(1, 10);

  it(
    'loses no grant: the journal gives back what the standby had not received',
    async () => {
      const { api, door, installation } = product;
      let primary = product.postgres;
      for (let round = 0; round < rounds; round += 1) {
        const link = await PostgresProxy.start(primary.url());
        const standby = await primary.standby(link.url);
        servers.push(standby);
        const connections = await product.importGrants(each);
        await inStep(primary);

        // From here on the standby hears nothing more.
        await link.close();
        let committing = 0;
        door.treat('gk.commit_renewals', 'pass', () => {
          committing += 1;
        });
        const answered = new Set<string>();
        const renewals = connections.map(async ({ id, path }) => {
          const { status } = await api.admin('POST', `${path}/renew`);
          if (status === 200) answered.add(id);
        });
        while (committing < connections.length / 2 || answered.size === 0) await sleep(1);
        await primary.stop('killed');
        await standby.query('select pg_promote()');
        const known = await product.generations(standby);
        const missing = [...answered].filter((id) => known.get(id) === 1);
        expect(missing.length).toBeGreaterThan(0);
        product.takeOver(standby);
        await Promise.all(renewals);
        door.passAll();

        // Twice: the first may only wait for what the journal gives back.
        for (let renewal = 1; renewal <= 2; renewal += 1) {
          await Promise.all(
            connections.map((connection) => renewUntilDecided(api.admin, connection, 30_000)),
          );
        }
        const outcomes = await Promise.all(
          connections.map((connection) => outcomeOf(api.admin, installation.sandbox, connection)),
        );
        expect(outcomes).toEqual(outcomes.map((outcome) => ({ ...outcome, status: 'active' })));
        for (const [index, { mode, generation, presented }] of outcomes.entries()) {
          expect(generation).toBeGreaterThan(answered.has(connections[index]?.id ?? '') ? 2 : 1);
          if (mode === 'strict') expect(presented).toBe(1);
        }
        primary = standby;
      }
    },
    allowedMs(90, 900),
  );
});
