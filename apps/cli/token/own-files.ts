import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';

/** A file or a folder of somebody else, or one that others may change or read. */
export class UnsafeFileError extends Error {
  override readonly name = 'UnsafeFileError';
}

/** Makes the folder where it is missing. @throws UnsafeFileError */
export function ownFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw new UnsafeFileError('it is no folder.');
  assertOurs(stats);
}

/** @returns undefined where there is none. @throws UnsafeFileError */
export function readOwnFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw code === 'ELOOP' ? new UnsafeFileError('it is a link.') : error;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new UnsafeFileError('it is no file.');
    assertOurs(stats);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Appears whole or not at all, for nobody but its owner. */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${randomUUID()}`;
  try {
    writeFileSync(next, text, { mode: 0o600, flag: 'wx' });
    renameSync(next, path);
  } finally {
    rmSync(next, { force: true });
  }
}

/** Windows has neither owners nor modes of this kind. */
function assertOurs({ uid, mode }: Stats): void {
  const ours = process.getuid?.();
  if (ours === undefined) return;
  if (uid !== ours) throw new UnsafeFileError('it belongs to somebody else.');
  if ((mode & 0o077) !== 0)
    throw new UnsafeFileError(`others may get at it (mode ${(mode & 0o777).toString(8)}).`);
}
