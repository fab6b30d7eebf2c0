import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openJournals } from './journal-folder.js';

/**
 * Opens the journals of a data directory again and again, and dies now and then. Meanwhile what
 * it holds is marked: a second holder would find the mark.
 */
const opening = `
import { rmSync, writeFileSync } from 'node:fs';
const [module, dataDir] = process.argv.slice(1);
const { openJournals } = await import(module);
const deadline = Date.now() + 250;
while (Date.now() < deadline) {
  const { own, orphans } = await openJournals(dataDir);
  const marks = [own, ...orphans].map(({ id }) => dataDir + '/held-' + id);
  for (const mark of marks) writeFileSync(mark, '', { flag: 'wx' });
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
  for (const mark of marks) rmSync(mark);
  if (Math.random() < 0.2) process.kill(process.pid, 'SIGKILL');
  await Promise.all([own, ...orphans].map((journal) => journal.close()));
}
`;

/** Takes one lock over and over, and leaves it each time as a process does that has died. */
const takingOver = `
import { renameSync, rmSync, writeFileSync } from 'node:fs';
const [module, folder] = process.argv.slice(1);
import { hostname } from 'node:os';
const { FolderLock } = await import(module.replace('journal-folder', 'folder-lock'));
const deadline = Date.now() + 1_000;
let taken = 0;
while (Date.now() < deadline) {
  if (!FolderLock.take(folder)) continue;
  taken += 1;
  writeFileSync(folder + '/held', '', { flag: 'wx' });
  rmSync(folder + '/held');
  const dead = folder + '/dead.' + process.pid;
  writeFileSync(dead, JSON.stringify({ pid: 0, host: hostname(), identity: 'dead', token: String(Math.random()) }));
  renameSync(dead, folder + '/lock');
}
process.exit(taken > 0 ? 0 : 3);
`;

interface End {
  readonly code: number | null;
  readonly said: string;
}

function run(program: string, dataDir: string): Promise<End> {
  const module = new URL('../../dist/libs/journal/journal-folder.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, module, dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, said }));
  });
}

describe('Journals of one data directory', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'gk-journals-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('are shared by processes that begin, end and die in the same moments, each held by one', async () => {
    for (let round = 0; round < 4; round += 1) {
      const ends = await Promise.all(Array.from({ length: 6 }, () => run(opening, dataDir)));
      expect(ends.map(({ said }) => said).join('')).toBe('');
      expect(ends.filter(({ code }) => code !== 0 && code !== null)).toEqual([]);
    }
    const { own, orphans } = await openJournals(dataDir);
    await Promise.all([own, ...orphans].map((journal) => journal.close()));
    expect(readdirSync(join(dataDir, 'journal'))).toEqual([own.id]);
  }, 60_000);

  it('are taken over by one of all who find that a holder has died', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, () => run(takingOver, dataDir)));
    expect(ends).toEqual(ends.map(() => ({ code: 0, said: '' })));
  }, 30_000);

  it('are taken over where a power failure left half a lock, and after an end in the middle of that', async () => {
    const { own } = await openJournals(dataDir);
    await own.close();
    const folder = join(dataDir, 'journal', own.id);
    writeFileSync(join(folder, 'lock'), '');
    writeFileSync(join(folder, 'lock.turn'), '{"pid":');
    const again = await openJournals(dataDir);
    expect(again.own.id).toBe(own.id);
    await again.own.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('have what was on its way out removed', async () => {
    const removed = join(dataDir, 'journal', '00000000-0000-4000-8000-000000000000.removed');
    mkdirSync(removed, { recursive: true });
    writeFileSync(join(removed, '0000000001.segment'), 'x');
    const { own } = await openJournals(dataDir);
    await own.close();
    expect(existsSync(removed)).toBe(false);
  });
});
