import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type OwnPostgres, startOwnPostgres } from '../../test/support/own-postgres.js';
import { dataSourceOptions } from './data-source-options.js';
import { Database } from './database.js';
import { isDatabaseOutage } from './database-outage.js';
import { Sealer } from './encryption/sealer.js';
import { migrate } from './migrate.js';
import { JournalRepository } from './repositories/journal.repository.js';
import { kek } from './spec-support/kek.js';

describe('a server that is still in recovery', () => {
  const servers: OwnPostgres[] = [];
  let database: Database;

  beforeAll(async () => {
    const primary = await startOwnPostgres();
    servers.push(primary);
    await migrate({ url: primary.url('grantkeeper') });
    const standby = await primary.standby();
    servers.push(standby);
    const options = dataSourceOptions(standby.url('grantkeeper'));
    database = new Database(await new DataSource(options).initialize());
  }, 60_000);
  afterAll(async () => {
    await database.dataSource.destroy();
    for (const server of servers) await server.remove();
  }, 60_000);

  const errorOf = (work: Promise<unknown>) => work.catch((error: unknown) => error);

  it('is an outage, also to whoever asks which server it is', async () => {
    const journals = new JournalRepository(database, new Sealer({ deploymentId: 'd', keys: [kek('k1')] }));
    const asked = await errorOf(journals.serverLine());
    expect(asked).toMatchObject({ driverError: { code: '55000' } });
    expect(isDatabaseOutage(asked)).toBe(true);
    const written = await errorOf(database.call("select gk.release_hold('somebody')", []));
    expect(written).toMatchObject({ driverError: { code: '25006' } });
    expect(isDatabaseOutage(written)).toBe(true);
  });

  it('is not what any other statement out of place fails with', async () => {
    await database.inPlatform(async (manager) => {
      const error = await errorOf(manager.query('select lastval()'));
      expect(error).toMatchObject({ driverError: { code: '55000' } });
      expect(isDatabaseOutage(error)).toBe(false);
    });
  });
});
