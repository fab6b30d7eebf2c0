import { reportError, UserError } from './lib/user-error.mjs';
import { migrateDatabase } from './start/migrate-database.ts';
import { readSetting } from './start/setting.ts';

try {
  const url = readSetting('DATABASE_DIRECT_URL') ?? readSetting('DATABASE_URL');
  if (url === undefined) throw new UserError('DATABASE_URL is not set; it names the database to migrate');
  const count = await migrateDatabase(url);
  process.stdout.write(count === 0 ? 'The schema is up to date.\n' : `${count} migrations ran.\n`);
} catch (error) {
  process.exitCode = reportError(error);
}
