import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The platform-admin key, made once and readable by its owner only. */
export function keptAdminKey(file: string): string {
  if (!existsSync(file)) writeSecret(file, `grantkeeper-admin-${randomBytes(24).toString('base64url')}`);
  return readFileSync(file, 'utf8').trim();
}

export function writeSecret(file: string, secret: string): void {
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
}
