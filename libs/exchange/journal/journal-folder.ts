import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from './folder-lock.js';
import { journalError } from './journal.errors.js';
import { Journal, type JournalOptions } from './journal.js';

/** A folder that is no journal of ours is left alone. */
const journalName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** On its way out; an end in between leaves it to the next who begins. */
const removedSuffix = '.removed';

interface FreeFolder {
  readonly folder: string;
  readonly lock: FolderLock;
}

/** Told when another process has taken a journal for that of one that is gone; nothing more may be written to it. */
type OnLost = (journalId: string) => void;

/**
 * All journals below a data directory that nobody alive holds: one to go on writing (a new one where there is none),
 * and those other processes have left behind, which are read, settled and then removed. Several processes may share
 * a data directory.
 * @throws JournalError `journal_unreadable`
 */
export async function openJournals(
  dataDir: string,
  options: JournalOptions = {},
  onLost: OnLost = () => undefined,
): Promise<{ readonly own: Journal; readonly orphans: readonly Journal[] }> {
  try {
    const parent = join(dataDir, 'journal');
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent)) {
      if (name.endsWith(removedSuffix)) rmSync(join(parent, name), { recursive: true, force: true });
    }
    const [first = made(parent, onLost), ...others] = freeFolders(parent, onLost);
    const own = await Journal.open(first.folder, options, () => first.lock.release());
    return { own, orphans: await Promise.all(others.map((other) => openOrphan(other, options))) };
  } catch (error) {
    throw journalError('journal_unreadable', error);
  }
}

/** Journals whose holder has gone since: on another host, that shows only by its silence. */
export function adoptOrphans(dataDir: string, onLost: OnLost): Promise<Journal[]> {
  return Promise.all(freeFolders(join(dataDir, 'journal'), onLost).map((free) => openOrphan(free, {})));
}

function openOrphan({ folder, lock }: FreeFolder, options: JournalOptions): Promise<Journal> {
  return Journal.open(folder, options, (isEmpty) => (isEmpty ? removeAll(folder, lock) : lock.release()));
}

/** Nobody finds it any more before the first file of it goes. */
function removeAll(folder: string, lock: FolderLock): void {
  const removed = `${folder}${removedSuffix}`;
  renameSync(folder, removed);
  lock.release();
  rmSync(removed, { recursive: true, force: true });
}

function freeFolders(parent: string, onLost: OnLost): FreeFolder[] {
  return readdirSync(parent)
    .filter((name) => journalName.test(name))
    .flatMap((name) => {
      const folder = join(parent, name);
      const lock = FolderLock.take(folder, () => onLost(name));
      return lock ? [{ folder, lock }] : [];
    });
}

/** Another process that begins in this moment may take the new folder first: then it is that one's. */
function made(parent: string, onLost: OnLost): FreeFolder {
  for (;;) {
    const name = randomUUID();
    const folder = join(parent, name);
    mkdirSync(folder, { mode: 0o700 });
    const lock = FolderLock.take(folder, () => onLost(name));
    if (lock) return { folder, lock };
  }
}
