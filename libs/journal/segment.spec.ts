import { closeSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Segment } from './segment.js';

describe('a segment', () => {
  it('is gone once it was removed, also where its file cannot be closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gk-segment-'));
    const segment = await Segment.create(folder, 1, 4_096);
    const file: FileHandle = Reflect.get(segment, 'file');
    closeSync(file.fd);
    await expect(segment.remove()).resolves.toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
