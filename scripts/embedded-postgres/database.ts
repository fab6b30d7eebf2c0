import pg from 'pg';

/** How long a server that says it is ready may take to let us in. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * @param url of any database of that server, as superuser
 * @param name created unless it is there
 */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
