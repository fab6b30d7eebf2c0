import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { Journal } from './journal.js';
import { openJournals } from './journal-folder.js';
import { idsOf, segmentsIn, write } from './spec-support/entries.js';
import { entry, startWriter } from './spec-support/writer.js';

describe('the journal, when the disk fails or is full,', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'gk-journal-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const folderOf = (id: string) => join(dataDir, 'journal', id);

  it('calls an answer kept only when the disk has said so', async () => {
    const { own } = await openJournals(dataDir);
    const probe = await open(join(dataDir, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe) as { datasync(): Promise<void> };
    await probe.close();
    const { datasync } = prototype;
    let synced = false;
    prototype.datasync = async function (this: typeof probe) {
      await datasync.call(this);
      await sleep(50);
      synced = true;
    };
    try {
      await write(own, entry());
      expect(synced).toBe(true);
    } finally {
      prototype.datasync = datasync;
    }
    await own.close();
  });

  it('finds what came after a write that failed', async () => {
    const { own } = await openJournals(dataDir);
    const entries = [entry(), entry(), entry(), entry()] as const;
    await write(own, entries[0]);
    const probe = await open(join(dataDir, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe) as Pick<typeof probe, 'write' | 'datasync'>;
    await probe.close();
    const { write: realWrite, datasync } = prototype;
    const noSpace = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    try {
      // As a file system that writes elsewhere when it writes over: nothing of it, a part of it, or nobody knows.
      prototype.write = async () => {
        throw noSpace;
      };
      await expect(write(own, entries[1])).rejects.toMatchObject({ systemCode: 'ENOSPC' });
      prototype.write = async function (
        this: typeof probe,
        block: Buffer,
        _: number,
        bytes: number,
        at: number,
      ) {
        return Reflect.apply(realWrite, this, [block, 0, bytes - 100, at]);
      } as typeof realWrite;
      await expect(write(own, entries[1])).rejects.toMatchObject({ systemCode: 'ENOSPC' });
      prototype.write = realWrite;
      prototype.datasync = async () => {
        throw Object.assign(new Error('input/output'), { code: 'EIO' });
      };
      await expect(write(own, entries[2])).rejects.toMatchObject({ systemCode: 'EIO' });
    } finally {
      prototype.write = realWrite;
      prototype.datasync = datasync;
    }
    await write(own, entries[3]);
    await own.close();
    const { own: again } = await openJournals(dataDir);
    expect(idsOf(again.unsettled())).toEqual([entries[0].id, entries[3].id]);
    await again.close();
  });

  it('makes room of its own, once a day has passed, where the disk is full of it', async () => {
    let now = 0;
    const folder = join(dataDir, 'j');
    mkdirSync(folder);
    const journal = await Journal.open(folder, {
      now: () => now,
      segmentBytes: 20_000,
      largestBytes: 5_000,
    });
    const probe = await open(join(dataDir, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe) as Pick<typeof probe, 'write'>;
    await probe.close();
    const { write: realWrite } = prototype;
    prototype.write = async function (this: typeof probe, block: Buffer, ...where: unknown[]) {
      const isRoom = block.every((byte) => byte === 0);
      if (isRoom && segmentsIn(folder) > 3) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      return Reflect.apply(realWrite, this, [block, ...where]);
    } as typeof realWrite;
    try {
      const fill = async () => {
        for (;;) {
          const one = entry();
          await write(journal, one);
          journal.settle(one.id);
        }
      };
      await expect(fill()).rejects.toMatchObject({ systemCode: 'ENOSPC' });
      await expect(fill()).rejects.toMatchObject({ systemCode: 'ENOSPC' });
      now += 25 * 3_600_000;
      // A segment is in use until the last of its entries is marked as settled, which happens behind the writer's back.
      await eventually(() => write(journal, entry()));
    } finally {
      prototype.write = realWrite;
    }
    await journal.close();
  });

  it('refuses before anything is sent while the disk is full, and goes on by itself when it is not', async () => {
    // A file may grow to 5 MiB: the first segment fits, and the disk is full for a larger one.
    const writer = startWriter(dataDir, 200_000, 2 * 1024 * 1024);
    try {
      await eventually(
        () => expect(writer.lines.some((line) => line.startsWith('refused '))).toBe(true),
        10_000,
      );
      expect(writer.lines.filter((line) => line.startsWith('durable '))).toEqual([]);
      const id = writer.lines[0]?.slice(8) ?? '';
      // A segment that could not be set aside whole is not left behind.
      await eventually(() => {
        for (const name of readdirSync(folderOf(id))) {
          expect(statSync(join(folderOf(id), name)).size).toBeLessThan(2 * 1024 * 1024);
        }
      });
      const lifted = spawnSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited']);
      expect(lifted.status).toBe(0);
      await eventually(() => expect(writer.lines.at(-1)).toMatch(/^durable /), 10_000);
    } finally {
      await writer.kill();
    }
  });
});
