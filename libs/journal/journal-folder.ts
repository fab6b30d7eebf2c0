import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FolderLock } from './folder-lock.js';
import { journalError } from './journal.errors.js';
import { Journal, type JournalOptions } from './journal.js';
import type { JournalHead } from './journal-entry.js';

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
export async function openJournals<Head extends JournalHead>(
  dataDir: string,
  options: JournalOptions = {},
  onLost: OnLost = () => undefined,
): Promise<{ readonly own: Journal<Head>; readonly orphans: readonly Journal<Head>[] }> {
  const own = await openOwnJournal<Head>(dataDir, options, onLost);
  const refuse = (_journalId: string, error: unknown) => {
    throw journalError('journal_unreadable', error);
  };
  return { own, orphans: await adoptOrphans(dataDir, onLost, refuse, options) };
}

/** One to write: the first that can be read, or a new one. @throws JournalError `journal_unreadable` */
export async function openOwnJournal<Head extends JournalHead>(
  dataDir: string,
  options: JournalOptions,
  onLost: OnLost,
): Promise<Journal<Head>> {
  try {
    const parent = join(dataDir, 'journal');
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(parent)) {
      if (name.endsWith(removedSuffix)) rmSync(join(parent, name), { recursive: true, force: true });
    }
    for (const free of freeFolders(parent, onLost)) {
      const journal = await opened<Head>(free, options, () => free.lock.release()).catch(() => undefined);
      if (journal) return journal;
    }
    const { folder, lock } = made(parent, onLost);
    return await opened<Head>({ folder, lock }, options, () => lock.release());
  } catch (error) {
    throw journalError('journal_unreadable', error);
  }
}

/**
 * Journals whose holder has gone since: on another host, that shows only by its silence.
 * @param onUnreadable told of one that cannot be opened; others are all the same
 */
export async function adoptOrphans<Head extends JournalHead>(
  dataDir: string,
  onLost: OnLost,
  onUnreadable: (journalId: string, error: unknown) => void,
  options: JournalOptions = {},
): Promise<Journal<Head>[]> {
  const folders = [...freeFolders(join(dataDir, 'journal'), onLost)];
  const journals = folders.map(({ folder, lock }) =>
    opened<Head>({ folder, lock }, options, (isSpent) =>
      isSpent ? removeAll(folder, lock) : lock.release(),
    ).catch((error: unknown) => onUnreadable(basename(folder), error)),
  );
  return (await Promise.all(journals)).filter((journal) => journal !== undefined);
}

/** Somebody else may try one that cannot be opened here. */
async function opened<Head extends JournalHead>(
  { folder, lock }: FreeFolder,
  options: JournalOptions,
  onClose: (isSpent: boolean) => void,
): Promise<Journal<Head>> {
  try {
    return await Journal.open<Head>(folder, options, onClose);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Renames the folder before it removes the first file, so that no other process opens half a journal. */
function removeAll(folder: string, lock: FolderLock): void {
  const removed = `${folder}${removedSuffix}`;
  renameSync(folder, removed);
  lock.release();
  rmSync(removed, { recursive: true, force: true });
}

function* freeFolders(parent: string, onLost: OnLost): Generator<FreeFolder, undefined> {
  for (const name of readdirSync(parent)) {
    if (!journalName.test(name)) continue;
    const folder = join(parent, name);
    const lock = FolderLock.take(folder, () => onLost(name));
    if (lock) yield { folder, lock };
  }
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
