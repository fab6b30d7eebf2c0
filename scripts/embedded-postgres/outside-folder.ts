import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../lib/user-error.mjs';

const CANDIDATES = ['/var/lib/grantkeeper', join(tmpdir(), 'grantkeeper-root')];

/**
 * A folder outside the checkout and the data directory which every user may pass through. Only root needs one:
 * the account its server runs under cannot see into root's own folders. One that somebody else could have
 * prepared (in a shared temporary directory) is not taken.
 */
export function outsideFolder(): string {
  for (const path of CANDIDATES) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o755 });
      const stat = lstatSync(path);
      if (!stat.isDirectory() || stat.uid !== process.getuid?.()) continue;
      chmodSync(path, 0o755);
      return path;
    } catch {
      // A read-only system folder: the next one.
    }
  }
  throw new UserError(
    `no place for the embedded PostgreSQL outside the data directory: ${CANDIDATES.join(', ')}`,
  );
}
