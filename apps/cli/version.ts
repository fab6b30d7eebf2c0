import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of the package this file is in: built or not, it lies at another depth. */
export function version(folder = import.meta.dirname): string {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return folder === dirname(folder) ? 'unknown' : version(dirname(folder));
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
