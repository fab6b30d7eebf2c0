import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * The platform-admin key, made once and readable by its owner only.
 *
 * @param {string} file
 */
export function keptAdminKey(file) {
  if (!existsSync(file)) writeSecret(file, `grantkeeper-admin-${randomBytes(24).toString('base64url')}`);
  return readFileSync(file, 'utf8').trim();
}

/**
 * @param {string} file
 * @param {string} secret
 */
export function writeSecret(file, secret) {
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
}
