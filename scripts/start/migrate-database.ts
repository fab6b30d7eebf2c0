import { importBuilt } from '../lib/paths.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';

/**
 * @param url whose user may create roles and schemas
 * @returns how many migrations ran
 */
export async function migrateDatabase(url: string): Promise<number> {
  const { migrate }: typeof import('#vault') = await importBuilt('libs/vault/migrate.js');
  try {
    return await migrate({ url });
  } catch (error) {
    // Messages of PostgreSQL and of the network name hosts and users, never the password.
    const reason = error instanceof Error ? error.message || codeOf(error) : String(error);
    throw new UserError(`the database could not be migrated: ${reason}`);
  }
}
