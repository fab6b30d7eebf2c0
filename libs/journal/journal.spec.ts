import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { Journal } from './journal.js';
import { openJournals } from './journal-folder.js';
import { idsOf, segmentsIn, write } from './spec-support/entries.js';
import { keptIn } from './spec-support/kept-in.js';
import { entry, startWriter } from './spec-support/writer.js';

describe('the journal', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'gk-journal-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const folderOf = (id: string) => join(dataDir, 'journal', id);

  it('gives back what was written, whole, after it was opened again', async () => {
    const entries = [entry(), entry(), entry()];
    const { own } = await openJournals(dataDir);
    await write(own, ...entries);
    await own.close();
    const { own: again } = await openJournals(dataDir);
    expect(again.id).toBe(own.id);
    expect(again.unsettled()).toEqual(entries.map(({ sealed: _, ...head }) => head));
    expect(await Promise.all(entries.map((one) => again.read(one)))).toEqual(entries);
    await again.close();
  });

  it('forgets an entry that is settled once a newer one of its connection is there, and keeps the newest for a day', async () => {
    let now = 0;
    const folder = join(dataDir, 'j');
    mkdirSync(folder);
    const options = { now: () => now, segmentBytes: 64_000, largestBytes: 16_000 };
    const journal = await Journal.open(folder, options);
    const [first, second] = [entry(), entry()];
    const renewed = { ...entry(), key: first.key, version: 2 };
    await write(journal, first, second);
    journal.settle(first.id);
    journal.settle(second.id);
    await write(journal, renewed);
    journal.settle(renewed.id);
    expect(journal.unsettled()).toEqual([]);
    expect(await keptIn(journal)).toEqual([second.id, renewed.id]);
    await journal.close();

    const again = await Journal.open(folder, options);
    expect(await keptIn(again)).toEqual([second.id, renewed.id]);
    expect(again.unsettled()).toEqual([]);
    // Enough to leave the first segment behind, and then a day.
    for (let n = 0; n < 40; n += 1) {
      const filler = entry();
      await write(again, filler);
      again.settle(filler.id);
    }
    expect(readdirSync(folder).length).toBeGreaterThan(1);
    now += 25 * 3_600_000;
    await write(again, entry());
    await again.close();
    const late = await Journal.open(folder, options);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(2);
    expect(await keptIn(late)).not.toContain(second.id);
    await late.close();
  });

  it('reads everything before a record that was cut off or spoilt, wherever that is', async () => {
    const { own } = await openJournals(dataDir, { segmentBytes: 64_000, largestBytes: 16_000 });
    const entries = [entry({ sealed: 'a' }), entry({ sealed: 'b' }), entry({ sealed: 'the last' })];
    await write(own, ...entries);
    await own.close();
    const folder = folderOf(own.id);
    const [segment = ''] = readdirSync(folder).filter((name) => name.endsWith('.segment'));
    const whole = readFileSync(join(folder, segment));
    const end = whole.lastIndexOf('}') + 1;
    const start = whole.lastIndexOf('{"entry"') - 8;
    expect(start).toBeGreaterThan(0);
    // Every byte of the head, and a share of the rest.
    for (let at = start; at < end; at += at < start + 8 ? 1 : 13) {
      const spoilt = Buffer.from(whole);
      // In turns: nothing was written from here on, or one bit fell over.
      if (at % 2 === 0) spoilt.fill(0, at);
      else spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      writeFileSync(join(folder, segment), spoilt);
      const journal = await Journal.open(folder);
      expect(idsOf(journal.unsettled()).slice(0, 2)).toEqual(idsOf(entries).slice(0, 2));
      expect(journal.unsettled().length).toBe(2);
      // Nothing new is written where it could not be read again.
      const next = entry();
      await write(journal, next);
      await journal.close();
      const after = await Journal.open(folder);
      expect(idsOf(after.unsettled())).toEqual([...idsOf(entries).slice(0, 2), next.id]);
      await after.close();
      for (const name of readdirSync(folder))
        if (name !== segment && name !== 'lock') rmSync(join(folder, name));
    }
  });

  it('does not keep everything that came after an entry that stays unsettled', async () => {
    let now = 0;
    const folder = join(dataDir, 'j');
    mkdirSync(folder);
    const options = { now: () => now, segmentBytes: 20_000, largestBytes: 5_000 };
    const journal = await Journal.open(folder, options);
    const stuck = entry();
    await write(journal, stuck);
    for (let day = 0; day < 4; day += 1) {
      now += 25 * 3_600_000;
      for (let n = 0; n < 30; n += 1) {
        const one = entry();
        await write(journal, one);
        journal.settle(one.id);
      }
    }
    const ofOneDay = Math.ceil((30 * 2_600) / 15_000);
    await journal.close();
    expect(segmentsIn(folder)).toBeLessThan(2 * ofOneDay);
    const again = await Journal.open(folder, options);
    expect(idsOf(again.unsettled())).toContain(stuck.id);
    expect(await again.read(stuck)).toEqual(stuck);
    await again.close();
  });

  it('leaves nobody waiting who comes in the very moment in which the writer ends', async () => {
    const folder = join(dataDir, 'j');
    mkdirSync(folder);
    let onLook = (): void => undefined;
    const now = () => {
      onLook();
      return 0;
    };
    const journal = await Journal.open(folder, { now });
    const [first, second] = [await journal.reserve(), await journal.reserve()];
    let late: Promise<void> | undefined;
    // Once nobody waits any more it looks at the clock, whether to remove old segments. Nothing else wakes it here.
    onLook = () => {
      late ??= second.write(entry());
    };
    await first.write(entry());
    await eventually(() => expect(journal.unsettled()).toHaveLength(2));
    await late;
    await journal.close();
  });

  it('syncs many answers that come together a few times only', async () => {
    const { own } = await openJournals(dataDir);
    await Promise.all(Array.from({ length: 200 }, () => write(own, entry())));
    expect(own.unsettled().length).toBe(200);
    expect(own.syncs).toBeLessThan(100);
    await own.close();
  });

  it('has lost nothing that it called durable when its process is killed', async () => {
    for (let round = 0; round < 3; round += 1) {
      const writer = startWriter(dataDir);
      await eventually(() => expect(writer.lines.length).toBeGreaterThan(50), 10_000);
      await writer.kill();
      const durable = writer.lines.filter((line) => line.startsWith('durable ')).map((line) => line.slice(8));
      const { own, orphans } = await openJournals(dataDir);
      expect(orphans).toEqual([]);
      expect(writer.lines[0]).toBe(`journal ${own.id}`);
      const kept = new Set(idsOf(own.unsettled()));
      expect(durable.length).toBeGreaterThan(40);
      expect(durable.filter((id) => !kept.has(id))).toEqual([]);
      await own.close();
    }
  });

  it('is held by one process at a time, and taken over when that is gone', async () => {
    const writer = startWriter(dataDir);
    await eventually(() => expect(writer.lines.length).toBeGreaterThan(5), 10_000);
    const { own } = await openJournals(dataDir);
    expect(`journal ${own.id}`).not.toBe(writer.lines[0]);
    await write(own, entry());
    await writer.kill();
    const { own: third, orphans } = await openJournals(dataDir);
    expect(`journal ${third.id}`).toBe(writer.lines[0]);
    expect(orphans).toEqual([]);
    await own.close();
    await third.close();
    const { own: fourth, orphans: left } = await openJournals(dataDir);
    expect([fourth.id, ...left.map(({ id }) => id)].sort()).toEqual([own.id, third.id].sort());
    for (const journal of left) for (const { id } of journal.unsettled()) journal.settle(id);
    await Promise.all([fourth, ...left].map((journal) => journal.close()));
  });

  it('leaves no folder behind of a process that is gone, once nothing in it is of use', async () => {
    const parent = join(dataDir, 'journal');
    for (const days of [0, 2]) {
      const options = { now: () => Date.now() + days * 86_400_000 };
      const { own, orphans } = await openJournals(dataDir, options);
      const { own: second } = await openJournals(dataDir, options);
      for (const journal of days === 0 ? [own, second] : []) {
        const one = entry();
        await write(journal, one);
        journal.settle(one.id);
      }
      await Promise.all([own, second, ...orphans].map((journal) => journal.close()));
      // Of the second round: both that it wrote to, and no third one.
      expect(readdirSync(parent).length).toBe(2);
    }
  });
});
