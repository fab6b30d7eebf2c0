import { DataSource } from 'typeorm';
import { checkSchema } from './check-schema.js';
import { dataSourceOptions } from './data-source-options.js';
import { VaultError } from './vault.errors.js';

/** How a database looks to somebody who wants to run the product on it. */
export interface DatabaseState {
  /** Of PostgreSQL, such as 150004. */
  readonly serverVersion: number;
  readonly superuser: boolean;
  /** Why api and worker would refuse to run: the schema, or roles that do not hold tenants apart. */
  readonly problem: { readonly code: string; readonly detail: string } | undefined;
  /** Its clock minus ours, milliseconds; half of the time that asking took is in doubt. */
  readonly clockOffsetMs: number;
}

/** Changes nothing. @throws the error of the driver where no session can be had */
export async function inspectDatabase(url: string): Promise<DatabaseState> {
  const dataSource = await new DataSource(dataSourceOptions(url, 1)).initialize();
  try {
    const askedAtMs = Date.now();
    const [row] = await dataSource.query<{ version: number; superuser: boolean; now: number }[]>(
      `select current_setting('server_version_num')::int as version, rolsuper as superuser,
              (extract(epoch from clock_timestamp()) * 1000)::float8 as now
       from pg_roles where rolname = current_user`,
    );
    const middleMs = (askedAtMs + Date.now()) / 2;
    return {
      serverVersion: row?.version ?? 0,
      superuser: row?.superuser ?? false,
      problem: await problemOf(dataSource),
      clockOffsetMs: Math.round((row?.now ?? middleMs) - middleMs),
    };
  } finally {
    await dataSource.destroy();
  }
}

async function problemOf(dataSource: DataSource): Promise<DatabaseState['problem']> {
  try {
    await checkSchema(dataSource);
    return undefined;
  } catch (error) {
    if (error instanceof VaultError) return { code: error.code, detail: error.message };
    throw error;
  }
}
