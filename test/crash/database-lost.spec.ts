import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { allowedMs, scaled } from '../support/scale.js';
import { type DatabaseProduct, startDatabaseProduct } from './database-product.js';
import { outcomeOf, renewUntilDecided } from './decide.js';
import type { RotatingConnection } from './rotating-grants.js';
import { TokenReaders } from './token-readers.js';

const database = 'grantkeeper';
const renewedEach = 3;

const disturbances: readonly (readonly [
  name: string,
  disturb: (product: DatabaseProduct) => Promise<void>,
])[] = [
  ['stopped and started', ({ postgres }) => postgres.stop('fast').then(() => postgres.start())],
  [
    'stopped without saying good-bye',
    ({ postgres }) => postgres.stop('immediate').then(() => postgres.start()),
  ],
  [
    'ending every session',
    async ({ postgres }) => {
      await postgres.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'grantkeeper%'",
        database,
      );
    },
  ],
];

describe('PostgreSQL lost while renewals are being committed', () => {
  let product: DatabaseProduct;
  let readable: RotatingConnection[];

  beforeAll(async () => {
    product = await startDatabaseProduct();
    readable = await product.importGrants(1);
  }, 180_000);
  afterAll(() => product.close(), 60_000);

  /** The product hears the database: what it remembers, it remembers from after the last disturbance. */
  async function recovered(): Promise<void> {
    const listening = "select 1 from pg_stat_activity where application_name = 'grantkeeper changes'";
    await eventually(async () => expect(await product.postgres.query(listening, database)).toHaveLength(1));
  }

  /** All renewals at once; the database goes when so many of them have begun to commit. */
  async function disturb(
    connections: readonly RotatingConnection[],
    commits: number,
    how: (product: DatabaseProduct) => Promise<void>,
  ): Promise<void> {
    const { door, api } = product;
    const reached = new Promise<void>((resolve) => {
      let seen = 0;
      door.treat('gk.commit_renewals', 'pass', () => {
        seen += 1;
        if (seen === commits) resolve();
      });
    });
    const renewals = connections.map(({ path }) => api.admin('POST', `${path}/renew`));
    await reached;
    await how(product);
    await Promise.all(renewals);
    door.passAll();
  }

  const rounds = scaled(1, Math.ceil(100 / disturbances.length));

  it.each(disturbances)(
    'by %s: no grant is lost, and valid tokens are served throughout',
    async (_name, how) => {
      const { api, installation } = product;
      const connections = await product.importGrants(renewedEach);
      for (let round = 0; round < rounds; round += 1) {
        const before = await product.generations(product.postgres);
        await recovered();
        const readers = await TokenReaders.start(product.reader, readable);
        await disturb(connections, 1 + (round % connections.length), how);
        await Promise.all(connections.map((connection) => renewUntilDecided(api.admin, connection, 30_000)));
        await readers.stop();
        expect(Object.keys(readers.answers)).toEqual(['200']);
        const outcomes = await Promise.all(
          connections.map((connection) => outcomeOf(api.admin, installation.sandbox, connection)),
        );
        expect(outcomes).toEqual(outcomes.map((outcome) => ({ ...outcome, status: 'active' })));
        for (const [index, { generation, mode, presented }] of outcomes.entries()) {
          expect(generation).toBeGreaterThan(before.get(connections[index]?.id ?? '') ?? 0);
          if (mode === 'strict') expect(presented).toBe(1);
        }
      }
    },
    allowedMs(60, 900),
  );
});
