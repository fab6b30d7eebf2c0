import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<true>();

/** The database checks all that `work` writes, and every transaction of it is rolled back. */
export function dryRun<T>(work: () => Promise<T>): Promise<T> {
  return storage.run(true, work);
}

export function isDryRun(): boolean {
  return storage.getStore() ?? false;
}

/** Ends a transaction that has done all it was to do, and is not to be kept. */
export class RolledBack extends Error {
  constructor(readonly result: unknown) {
    super('A dry run saves nothing.');
  }
}
