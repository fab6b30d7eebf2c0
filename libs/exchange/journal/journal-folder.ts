import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from './folder-lock.js';
import { journalError } from './journal.errors.js';
import { Journal, type JournalOptions } from './journal.js';

/** A folder that is no journal of ours is left alone. */
const journalName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * All journals below a data directory that nobody alive holds: one to go on writing (a new one where there is none),
 * and those other processes have left behind, which are read, settled and then removed. Several processes may share
 * a data directory.
 * @throws JournalError `journal_unreadable`
 */
export async function openJournals(
  dataDir: string,
  options: JournalOptions = {},
): Promise<{ readonly own: Journal; readonly orphans: readonly Journal[] }> {
  const parent = join(dataDir, 'journal');
  const free: { folder: string; lock: FolderLock }[] = [];
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent).filter((entry) => journalName.test(entry))) {
      const folder = join(parent, name);
      const lock = FolderLock.take(folder);
      if (lock) free.push({ folder, lock });
    }
    if (free.length === 0) free.push(made(parent));
  } catch (error) {
    throw journalError('journal_unreadable', error);
  }
  const [own, ...orphans] = await Promise.all(
    free.map(({ folder, lock }, index) =>
      Journal.open(folder, options, (isEmpty) => {
        lock.release();
        if (index > 0 && isEmpty) rmSync(folder, { recursive: true, force: true });
      }),
    ),
  );
  if (!own) throw journalError('journal_unreadable', undefined);
  return { own, orphans };
}

function made(parent: string): { folder: string; lock: FolderLock } {
  const folder = join(parent, randomUUID());
  mkdirSync(folder, { mode: 0o700 });
  const lock = FolderLock.take(folder);
  if (!lock) throw new Error('A new folder can be locked.');
  return { folder, lock };
}
