import { startTestDatabase } from './database-server.ts';

/**
 * Suites find the server by GRANTKEEPER_TEST_DATABASE_URL and make databases of their own from `gk_template`, and
 * servers of their own from GRANTKEEPER_TEST_CLUSTER.
 */
export default async function setUp() {
  const database = await startTestDatabase();
  process.env.GRANTKEEPER_TEST_DATABASE_URL = database.url;
  process.env.GRANTKEEPER_TEST_CLUSTER = database.cluster;
  globalThis.removeTestDatabase = database.remove;
}
