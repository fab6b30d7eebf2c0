import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../data-source-options.js';
import { Database } from '../database.js';
import { type KekSettings, openKeks } from '../encryption/open-keks.js';
import { Sealer } from '../encryption/sealer.js';
import { AuditChains } from './audit-chains.js';

/** The chains of a database, without the rest of the vault around them. */
export async function withAuditChains<T>(
  databaseUrl: string,
  settings: KekSettings,
  work: (chains: AuditChains) => Promise<T>,
): Promise<T> {
  const dataSource = await new DataSource(dataSourceOptions(databaseUrl, 2)).initialize();
  try {
    const sealer = new Sealer(await openKeks(dataSource, settings, 1));
    return await work(new AuditChains(new Database(dataSource), sealer));
  } finally {
    await dataSource.destroy();
  }
}
