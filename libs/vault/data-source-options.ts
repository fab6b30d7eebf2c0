import type { Socket } from 'node:net';
import type { ClientBase } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities/index.js';
import { migrations } from './migrations/index.js';

/**
 * The one description of the database: the CLI, the apps and the tests all connect with it.
 * @param silentMs a statement that hears nothing for so long has lost its server; default: it waits for ever, as a
 *   migration must
 */
export function dataSourceOptions(url: string, poolSize = 10, silentMs?: number): DataSourceOptions {
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
    extra: {
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      onConnect: (client: ClientBase) => watch(client, silentMs),
    },
  };
}

/**
 * A session may end between two users of its connection, when nobody listens, and an `error` that nobody hears ends
 * the process. The next query on the connection fails and tells its caller.
 */
function watch(client: ClientBase, silentMs: number | undefined): void {
  client.on('error', () => undefined);
  if (silentMs === undefined) return;
  const { connection } = client as ClientBase & { readonly connection: { readonly stream: Socket } };
  connection.stream.setTimeout(silentMs, () => {
    if (!(client as ClientBase & { readonly readyForQuery: boolean }).readyForQuery)
      connection.stream.destroy();
  });
}
