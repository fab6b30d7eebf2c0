import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '#testing';
import { JournalSet } from './journal-set.js';
import { entry } from './spec-support/writer.js';

const heartbeatMs = 5_000;

describe('a journal that was taken while its process stood still', () => {
  let dataDir: string;
  let journals: JournalSet;
  let lost: string;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'Date'] });
    dataDir = mkdtempSync(join(tmpdir(), 'gk-journals-'));
    journals = await JournalSet.open({ dataDir });
    lost = journals.ownId;
  });
  afterEach(async () => {
    jest.useRealTimers();
    await journals.onApplicationShutdown();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const folderOf = (id: string) => join(dataDir, 'journal', id);
  const replaced = () => eventually(() => expect(journals.ownId).not.toBe(lost));

  it('is written no more: another is begun in its place', async () => {
    const lock = join(folderOf(lost), 'lock');
    const holder = JSON.parse(readFileSync(lock, 'utf8'));
    writeFileSync(lock, JSON.stringify({ ...holder, host: 'elsewhere', token: 'theirs' }));
    jest.advanceTimersByTime(heartbeatMs);
    await expect(journals.reserve()).rejects.toMatchObject({ code: 'journal_unavailable' });
    await replaced();
    expect(existsSync(join(folderOf(journals.ownId), 'lock'))).toBe(true);
    (await journals.reserve()).release();
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ token: 'theirs' });
  });

  it('is let go with its files: what comes late for it is not written over what the other has', async () => {
    const reservation = await journals.reserve();
    const lock = join(folderOf(lost), 'lock');
    const holder = JSON.parse(readFileSync(lock, 'utf8'));
    writeFileSync(lock, JSON.stringify({ ...holder, host: 'elsewhere', token: 'theirs' }));
    const segments = () =>
      readdirSync(folderOf(lost)).flatMap((name) =>
        name.endsWith('.segment') ? [readFileSync(join(folderOf(lost), name), 'base64')] : [],
      );
    const before = segments();
    expect(before).toHaveLength(1);
    jest.advanceTimersByTime(heartbeatMs);
    await replaced();
    await expect(reservation.write(entry())).rejects.toMatchObject({ code: 'journal_unavailable' });
    expect(segments()).toEqual(before);
  });

  it('is replaced also where its folder has gone', async () => {
    rmSync(join(dataDir, 'journal'), { recursive: true });
    jest.advanceTimersByTime(heartbeatMs);
    await replaced();
    (await journals.reserve()).release();
  });

  it('holds back what would need one, until another can be begun', async () => {
    rmSync(join(dataDir, 'journal'), { recursive: true });
    // As when what was mounted there has gone: a file in its place would not look like a loss.
    symlinkSync(join(dataDir, 'nowhere'), join(dataDir, 'journal'));
    jest.advanceTimersByTime(heartbeatMs);
    await sleep(50);
    await expect(journals.reserve()).rejects.toMatchObject({ code: 'journal_unavailable' });
    // Claims of whoever has it now are not ended for it.
    expect(journals.all).toEqual([]);
    rmSync(join(dataDir, 'journal'));
    jest.advanceTimersByTime(heartbeatMs);
    await replaced();
    (await journals.reserve()).release();
  });

  it('is not thought to be lost because its lock cannot be read', async () => {
    const lock = join(folderOf(lost), 'lock');
    const held = readFileSync(lock);
    writeFileSync(lock, '{');
    jest.advanceTimersByTime(heartbeatMs);
    (await journals.reserve()).release();
    expect(journals.ownId).toBe(lost);
    writeFileSync(lock, held);
  });

  it('is replaced, and others are taken over, beside one that cannot be read', async () => {
    const unreadable = '00000000-0000-4000-8000-000000000000';
    mkdirSync(join(folderOf(unreadable), '0000000001.segment'), { recursive: true });
    const left = 'ffffffff-0000-4000-8000-000000000000';
    mkdirSync(folderOf(left));
    await journals.adopt();
    expect(journals.all.map(({ id }) => id)).toEqual([lost, left]);

    rmSync(folderOf(lost), { recursive: true });
    jest.advanceTimersByTime(heartbeatMs);
    await replaced();
    (await journals.reserve()).release();
    expect(readdirSync(join(dataDir, 'journal')).sort()).toEqual([journals.ownId, left, unreadable].sort());
    await expect(JournalSet.open({ dataDir })).rejects.toMatchObject({ code: 'journal_unreadable' });
    rmSync(folderOf(unreadable), { recursive: true });
    const other = await JournalSet.open({ dataDir });
    await other.onApplicationShutdown();
  });
});
