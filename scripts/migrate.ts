import { importBuilt } from './lib/paths.mjs';
import { reportError, UserError } from './lib/user-error.mjs';
import { migrateDatabase } from './start/migrate-database.ts';

try {
  const { settingNow } = await importBuilt('libs/config/settings.js');
  const url = settingNow(process.env, 'DATABASE_DIRECT_URL') || settingNow(process.env, 'DATABASE_URL');
  if (!url) throw new UserError('DATABASE_URL is not set; it names the database to migrate');
  const count = await migrateDatabase(url);
  process.stdout.write(count === 0 ? 'The schema is up to date.\n' : `${count} migrations ran.\n`);
} catch (error) {
  process.exitCode = reportError(error);
}
