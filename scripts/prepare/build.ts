import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { exclusively } from '../lib/lock.ts';
import { DIST, ROOT } from '../lib/paths.mjs';
import { UserError } from '../lib/user-error.mjs';

const SOURCES = ['apps', 'libs', 'ormconfig.ts'];
/** The other files that decide the output. */
const CONFIGURATION = ['.swcrc', 'rolldown.config.js', 'package-lock.json'];
const STAMP = join(DIST, '.build');

/** @param always build even when nothing has changed */
export async function ensureBuilt(always: boolean): Promise<void> {
  if (!always && isCurrent()) return;
  await exclusively(() => {
    if (always || !isCurrent()) build();
  });
}

function isCurrent(): boolean {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** Into a fresh folder that then takes the place of `dist`, so that outputs of deleted sources go with the old one. */
function build(): void {
  const startedAt = Date.now();
  const stamp = fingerprint();
  for (const name of readdirSync(ROOT)) {
    if (name.startsWith('dist.')) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
  const next = `${DIST}.next`;
  const apps = readdirSync(join(ROOT, 'apps')).filter((name) => name !== 'console');
  const sources = [...apps.map((name) => `apps/${name}`), 'libs', 'ormconfig.ts'];
  const tests = '**/*.spec.ts,**/*.int-spec.ts';
  const compiled = ['--out-dir', relative(ROOT, next), '--copy-files', '--ignore', tests, '--quiet'];
  const steps = [
    ['@swc/cli/bin/swc.js', ...sources, ...compiled],
    ['rolldown/bin/cli.mjs', '--config', 'rolldown.config.js', '--dir', next],
    ['vite/bin/vite.js', 'build', 'apps/console', '--outDir', join(next, 'console'), '--logLevel', 'error'],
  ];
  const succeeds = ([tool, ...args]: string[]) =>
    spawnSync(process.execPath, [`node_modules/${tool}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
      .status === 0;
  if (!steps.every(succeeds)) {
    rmSync(next, { recursive: true, force: true });
    throw new UserError('the build failed');
  }
  writeFileSync(join(next, '.build'), stamp);
  if (existsSync(DIST)) renameSync(DIST, `${DIST}.previous`);
  renameSync(next, DIST);
  rmSync(`${DIST}.previous`, { recursive: true, force: true });
  process.stderr.write(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** Names, sizes and times of the sources: a few milliseconds, where hashing the contents would take longer than it saves. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const path of [...SOURCES, ...CONFIGURATION].flatMap(filesIn)) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(ROOT, path)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The files of a folder, or the file itself; none where there is neither. */
function filesIn(name: string): string[] {
  const path = join(ROOT, name);
  if (!existsSync(path) || !statSync(path).isDirectory()) return existsSync(path) ? [path] : [];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
}
