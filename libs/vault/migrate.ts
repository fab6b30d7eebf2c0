import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source-options.js';
import { migrations } from './migrations/index.js';
import { defineFunctions } from './schema/define-functions.js';

/** Any number will do, as long as every release takes the same: only one process migrates a database at a time. */
const migrationLock = 7_262_391_004;

/**
 * Creates or upgrades the schema. The URL's user must be allowed to create roles and schemas.
 * @returns how many migrations ran
 */
export async function migrate({ url }: { url: string }): Promise<number> {
  const dataSource = await new DataSource(dataSourceOptions(url, 2)).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock($1)', [migrationLock]);
    await lock.query('create schema if not exists gk');
    const ran = (await dataSource.runMigrations()).length;
    const [row]: { version: number }[] = await lock.query(
      'select count(*)::int as version from gk.migrations',
    );
    // The functions of a newer release stay: its replicas may be running.
    if (row && row.version <= schemaVersion) {
      await lock.startTransaction();
      await defineFunctions(lock);
      await lock.commitTransaction();
    }
    return ran;
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}

/** The schema version this build was made for. */
export const schemaVersion = migrations.length;
