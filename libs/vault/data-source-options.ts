import type { ClientBase } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities/index.js';
import { migrations } from './migrations/index.js';

/** The one description of the database: the CLI, the apps and the tests all connect with it. */
export function dataSourceOptions(url: string, poolSize = 10): DataSourceOptions {
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
    extra: { idleTimeoutMillis: 30_000, keepAlive: true, onConnect: hearErrors },
  };
}

/**
 * A session may end between two users of its connection, when nobody listens, and an `error` that nobody hears ends
 * the process. Whoever uses the connection next is told by its own query.
 */
function hearErrors(client: ClientBase): void {
  client.on('error', () => undefined);
}
