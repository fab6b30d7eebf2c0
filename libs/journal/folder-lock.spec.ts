import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderLock } from './folder-lock.js';

describe('the lock of a holder on another host', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gk-lock-'));
    path = join(folder, 'lock');
    hold('theirs');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function hold(token: string): void {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: 'elsewhere', identity: 'theirs', token }));
  }

  /** @param aheadSeconds how far the clock over there is ahead of the one here */
  function beat(aheadSeconds: number): void {
    const theirNow = Date.now() / 1_000 + aheadSeconds;
    utimesSync(path, theirNow, theirNow);
  }

  it.each([
    ['behind', -600],
    ['ahead', 600],
  ])(
    'is left alone while it beats, and taken when it has been silent, with its clock ten minutes %s',
    (_, ahead) => {
      for (const atMs of [0, 5_000, 29_000, 58_000]) {
        beat(ahead + atMs / 1_000);
        expect(FolderLock.take(folder, undefined, atMs)).toBeUndefined();
      }
      expect(FolderLock.take(folder, undefined, 87_000)).toBeUndefined();
      const lock = FolderLock.take(folder, undefined, 88_001);
      expect(lock).toBeDefined();
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
      lock?.release();
    },
  );

  it('is judged anew where another has taken it meanwhile', () => {
    const theirs = Date.now() / 1_000;
    utimesSync(path, theirs, theirs);
    expect(FolderLock.take(folder, undefined, 0)).toBeUndefined();
    hold('of a third one');
    utimesSync(path, theirs, theirs);
    expect(FolderLock.take(folder, undefined, 40_000)).toBeUndefined();
    const lock = FolderLock.take(folder, undefined, 80_000);
    expect(lock).toBeDefined();
    lock?.release();
  });
});
