import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities/index.js';
import { migrations } from './migrations/index.js';
import { PoolSessions } from './pool-sessions.js';

/** The one description of the database: the CLI, the apps and the tests all connect with it. */
export function dataSourceOptions(
  url: string,
  poolSize = 10,
  sessions = new PoolSessions(),
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    schema: 'gk',
    entities,
    migrations,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'grantkeeper',
    poolSize,
    connectTimeoutMS: 3_000,
    extra: { idleTimeoutMillis: 30_000, keepAlive: true, onConnect: sessions.watch },
  };
}
