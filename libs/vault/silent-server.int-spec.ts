import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { createTestDatabase, startDatabaseHole, type TestDatabase } from '#testing';
import { dataSourceOptions } from './data-source-options.js';
import { isDatabaseOutage } from './database-outage.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('gives up a server that is gone without a word, and asks again over another connection', async () => {
  const hole = await startDatabaseHole(database.url);
  const dataSource = await new DataSource(dataSourceOptions(hole.url, 1, 1_000)).initialize();
  hole.swallow(true);
  const error: unknown = await dataSource.query('select 1').catch((reason: unknown) => reason);
  expect(isDatabaseOutage(error)).toBe(true);
  hole.swallow(false);
  expect(await dataSource.query('select 2 as two')).toEqual([{ two: 2 }]);
  await dataSource.destroy();
  hole.close();
}, 15_000);
