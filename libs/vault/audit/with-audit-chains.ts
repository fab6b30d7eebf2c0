import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../data-source-options.js';
import { Database } from '../database.js';
import type { KeyEncryptionKeys } from '../encryption/key-wrap.js';
import { Sealer } from '../encryption/sealer.js';
import { AuditChains } from './audit-chains.js';

/** The chains of a database, without the rest of the vault around them. */
export async function withAuditChains<T>(
  { databaseUrl, deploymentId, keys }: AuditDatabase,
  work: (chains: AuditChains) => Promise<T>,
): Promise<T> {
  const dataSource = await new DataSource(dataSourceOptions(databaseUrl, 2)).initialize();
  try {
    const stored = async () =>
      (await dataSource.query<{ id: string }[]>('select id from gk.deployment'))[0]?.id ?? '';
    const sealer = new Sealer({ deploymentId: deploymentId ?? (await stored()), keys });
    return await work(new AuditChains(new Database(dataSource), sealer));
  } finally {
    await dataSource.destroy();
  }
}

export interface AuditDatabase {
  readonly databaseUrl: string;
  /** Default: the one that the database names. */
  readonly deploymentId: string | undefined;
  readonly keys: KeyEncryptionKeys['keys'];
}
