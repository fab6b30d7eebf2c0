import { readFileSync, writeFileSync } from 'node:fs';
import type { TestDatabase } from '#testing';
import type { KeyEncryptionKeys } from '../../encryption/kek-provider.js';
import { newestKek } from '../../encryption/key-wrap.js';
import { localKek } from '../../encryption/local-kek.js';
import { storedMacSecret } from '../../encryption/mac-secret.js';
import { HoldRepository } from '../../repositories/hold.repository.js';
import { JournalRepository } from '../../repositories/journal.repository.js';
import { openVault, populate } from '../vault.js';

/** Every row of every table of the schema, as PostgreSQL writes it as JSON. */
export type Fixture = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** The keys that the fixture was sealed with. They keep no secret: they are here to open it. */
export const fixtureKeys: KeyEncryptionKeys = {
  deploymentId: 'upgrade',
  keys: [localKek('k1', new Uint8Array(32).fill(7))],
};

const file = new URL('./0.1.0.json', import.meta.url);

export function readFixture(): Fixture {
  return JSON.parse(readFileSync(file, 'utf8')) as Fixture;
}

/** Writes rows of every table with the code as it is, and keeps them: to be done before a release, never after it. */
export async function recordFixture(database: TestDatabase): Promise<void> {
  const vault = await openVault(database.url, fixtureKeys);
  const { tenantId, slug } = await populate(vault);
  const first = await vault.idempotency.begin({ ...answeredRequest, tenantId, caller: `${slug} answered` });
  if (first.kind === 'first') await vault.idempotency.finish(tenantId, first.id, 201, { id: 'answered' });
  const journals = new JournalRepository(vault.database, vault.sealer);
  await journals.noteCompared(['00000000-0000-4000-8000-000000000001'], await journals.serverLine());
  await new HoldRepository(vault.database).hold('journal_lost', { journal: 'recorded' });
  await fixtureMacSecret(database);
  await vault.close();
  const fixture: Record<string, unknown[]> = {};
  for (const table of await tablesOf(database)) {
    const rows = await database.query<{ row: unknown }>(`select to_jsonb(t) as row from gk.${table} t`);
    fixture[table] = rows.map(({ row }) => row);
  }
  writeFileSync(file, `${JSON.stringify(fixture, null, 2)}\n`);
}

/** As if a key service kept the key-encryption key. */
export function fixtureMacSecret(database: TestDatabase): Promise<Uint8Array> {
  return storedMacSecret(
    database.query,
    fixtureKeys.deploymentId,
    'service',
    newestKek(fixtureKeys).provider,
  );
}

export const answeredRequest = {
  route: 'POST /v1/tenants',
  key: 'answered',
  requestHash: Buffer.alloc(32, 1),
};

/** Into an empty schema of the release that wrote them. */
export async function loadFixture(database: TestDatabase, fixture: Fixture): Promise<void> {
  await database.query('set session_replication_role = replica');
  for (const [table, rows] of Object.entries(fixture)) {
    await database.query(`delete from gk.${table}`);
    const columns = await database.writtenColumns(table);
    await database.query(
      `insert into gk.${table} (${columns}) overriding system value
       select ${columns} from jsonb_populate_recordset(null::gk.${table}, $1)`,
      [JSON.stringify(rows)],
    );
  }
  await database.query('reset session_replication_role');
}

/** All but the list of migrations, which the migrations write themselves. */
export async function tablesOf(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p')
       and relname <> 'migrations' order by 1`,
  );
  return rows.map(({ name }) => name);
}
