import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Terminal } from '../terminal.js';
import { type Finding, failed, ok, skipped, warning } from './finding.js';

/** Any of these says that this is a machine of the product, with its settings. */
const telling = ['DATABASE_URL', 'GRANTKEEPER_DATA_DIR', 'GRANTKEEPER_KEKS', 'GRANTKEEPER_PUBLIC_URL'];
const fewBytes = 200 * 1024 * 1024;

export function hasSettings({ env }: Terminal): boolean {
  return telling.some((name) => env[name] || env[`${name}_FILE`]);
}

/** Whether api and worker would take the settings. Keys that they would make are not made. */
export async function checkSettings({ env }: Terminal): Promise<Finding> {
  const check = 'settings';
  const { loadSettings, SettingsError } = await import('#config');
  const kept = join(env['GRANTKEEPER_DATA_DIR'] || '.data', 'keks');
  const isListed = env['GRANTKEEPER_KEKS'] || env['GRANTKEEPER_KEKS_FILE'] || existsSync(kept);
  const standIn = `doctor:${Buffer.alloc(32).toString('base64')}`;
  const production = env['NODE_ENV'] === 'production';
  try {
    loadSettings({ ...env, ...(isListed || production ? {} : { GRANTKEEPER_KEKS: standIn }) });
    return ok(check, 'api and worker take them.');
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return failed(check, error.message, 'See docs/settings.md.');
  }
}

/** The journal and, outside production, the keys are in it. */
export function checkDataDir({ env }: Terminal): Finding {
  const check = 'journal folder';
  const setting = env['GRANTKEEPER_DATA_DIR'];
  if (!setting) return skipped(check, 'GRANTKEEPER_DATA_DIR is not set here.');
  const path = resolve(setting);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats)
    return failed(check, `${path} does not exist.`, 'Make it, for the user that api and worker run as.');
  if (!stats.isDirectory())
    return failed(check, `${path} is no folder.`, 'Name a folder in GRANTKEEPER_DATA_DIR.');
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return failed(
      check,
      `${path} cannot be written by this user.`,
      'Give it to the user that api and worker run as.',
    );
  }
  const { bavail, bsize } = statfsSync(path);
  const free = `${Math.floor((bavail * bsize) / (1024 * 1024))} MiB are free`;
  if (bavail * bsize < fewBytes)
    return warning(check, `${path}: ${free}.`, 'Make room: without it renewals stand still.');
  if ((stats.mode & 0o077) !== 0)
    return warning(
      check,
      `${path} can be entered by others.`,
      `chmod 700 ${path}: grants on their way are in it.`,
    );
  return ok(check, `${path} can be written, ${free}.`);
}
