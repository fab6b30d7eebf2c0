import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCi } from '../bootstrap/npm-ci.mjs';
import { exclusively } from '../lib/lock.ts';
import { NODE_MODULES, ROOT } from '../lib/paths.mjs';

export async function ensureInstalled(): Promise<void> {
  if (isInstalled()) return;
  await exclusively(async () => {
    if (isInstalled()) return;
    const runtime = { node: process.execPath, env: process.env };
    await npmCi(ROOT, 'Installing packages', runtime, ['--include=dev', '--include=optional']);
  });
}

/**
 * npm writes what it installed into `node_modules/.package-lock.json`, last of all. Comparing that with the lock
 * finds a changed lock and an install that was cut short, without a stamp of our own.
 */
function isInstalled(): boolean {
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const installed = readPackages(join(NODE_MODULES, '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    if (path === '') return true;
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function readPackages(file: string): Record<string, { version: string; optional?: boolean }> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
