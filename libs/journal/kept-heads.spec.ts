import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Journal } from './journal.js';
import type { JournalEntry } from './journal-entry.js';
import { write } from './spec-support/entries.js';
import { keptIn } from './spec-support/kept-in.js';
import { entry } from './spec-support/writer.js';

describe('settled entries', () => {
  it('are found on the disk, the newest of each key, and what cannot be read there is told of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gk-journal-'));
    const journal = await Journal.open(folder, { segmentBytes: 20_000, largestBytes: 5_000 });
    const old = Array.from({ length: 30 }, () => entry());
    const renewed = old.map(({ key }) => entry({ key, version: 2 })).slice(0, 20);
    await write(journal, ...old);
    for (const { id } of old) journal.settle(id);
    await write(journal, ...renewed);
    for (const { id } of renewed.slice(1)) journal.settle(id);
    const [pending, ...settled] = [...renewed.slice(0, 1), ...old.slice(20), ...renewed.slice(1)];
    expect(await keptIn(journal)).toEqual([pending, ...settled].map((one) => one?.id));
    for (const one of settled) expect(await journal.read(one)).toEqual(one);
    await expect(journal.read(old[0] as JournalEntry)).rejects.toMatchObject({ code: 'journal_unreadable' });
    expect(journal.damaged).toBe(0);

    const last = settled.at(-1) as JournalEntry;
    for (const name of readdirSync(folder)) {
      const content = readFileSync(join(folder, name));
      const at = content.indexOf(last.id);
      if (at >= 0) writeFileSync(join(folder, name), content.fill(1, at, at + 4), { flag: 'r+' });
    }
    expect(await keptIn(journal)).not.toContain(last.id);
    expect(journal.damaged).toBe(1);
    await expect(journal.read(last)).rejects.toMatchObject({ code: 'journal_unreadable' });
    await journal.close();
    rmSync(folder, { recursive: true });
  });
});
