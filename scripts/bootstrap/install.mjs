import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, NODE_MODULES, ROOT } from '../lib/paths.mjs';
import { exclusively } from './exclusively.mjs';
import { npmCi } from './npm-ci.mjs';

/**
 * A production image: built, then freed of the development packages. Nothing can be rebuilt there and nothing
 * has to be; installing again would only bring those packages back.
 */
export function isPrunedInstall() {
  return (
    process.env.NODE_ENV === 'production' &&
    existsSync(DIST) &&
    existsSync(NODE_MODULES) &&
    !(existsSync(join(NODE_MODULES, '@swc', 'core')) && existsSync(join(ROOT, 'apps')))
  );
}

/** @param {import('./runtime.mjs').Runtime} runtime */
export async function ensureInstalled(runtime) {
  if (isInstalled()) return;
  await exclusively(async () => {
    if (isInstalled()) return;
    await npmCi(ROOT, {
      what: 'Installing packages',
      packages: Object.values(readPackages(join(ROOT, 'package-lock.json')) ?? {}).filter(
        ({ optional }) => !optional,
      ).length,
      ...runtime,
      args: ['--include=dev', '--include=optional'],
    });
  });
}

/**
 * npm writes what it installed into `node_modules/.package-lock.json`, last of all. Comparing that with the lock
 * finds a changed lock and an install that was cut short, without a stamp of our own.
 */
function isInstalled() {
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const installed = readPackages(join(NODE_MODULES, '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    if (path === '') return true;
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
