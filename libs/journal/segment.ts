import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { blockBytes, decodeRecords, headBytes, type JournalRecord, type ReadRecords } from './record.js';

const suffix = '.segment';

/** A file of fixed size whose blocks are on the disk before it is used: writing into it cannot run out of space. */
export class Segment {
  private constructor(
    readonly path: string,
    readonly number: number,
    readonly bytes: number,
    private readonly file: FileHandle,
    /** Where the next record goes. */
    public end: number,
  ) {}

  /** @throws the file system's error, with nothing left behind */
  static async create(folder: string, number: number, bytes: number): Promise<Segment> {
    const path = join(folder, `${String(number).padStart(10, '0')}${suffix}`);
    const file = await open(path, 'wx+', 0o600);
    try {
      await fill(file, bytes);
      await file.sync();
      await syncFolder(folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
      throw error;
    }
    return new Segment(path, number, bytes, file, 0);
  }

  static async open(folder: string, name: string): Promise<{ segment: Segment; read: ReadRecords }> {
    const path = join(folder, name);
    const file = await open(path, 'r+');
    const content = await file.readFile();
    const read = decodeRecords(content);
    return { segment: new Segment(path, Number.parseInt(name, 10), content.length, file, read.end), read };
  }

  /** Names of the segments in a folder, oldest first. */
  static async list(folder: string): Promise<string[]> {
    return (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
  }

  get free(): number {
    return this.bytes - this.end;
  }

  /** @throws the file system's error; a part of the block may be in the file then */
  async append(block: Buffer): Promise<void> {
    const at = this.end;
    this.end += block.length;
    const { bytesWritten } = await this.file.write(block, 0, block.length, at);
    if (bytesWritten < block.length) throw diskIsFull();
  }

  async sync(): Promise<void> {
    await this.file.datasync();
  }

  /** @returns undefined where no whole record lies. @throws the file system's error */
  async read(at: number): Promise<JournalRecord | undefined> {
    const bytes = blockBytes(await this.readBytes(at, headBytes));
    return decodeRecords(await this.readBytes(at, Math.min(bytes, this.bytes - at))).records[0]?.record;
  }

  /** @throws the file system's error */
  async readAll(): Promise<ReadRecords> {
    return decodeRecords(await this.readBytes(0, this.bytes));
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** Never fails: nothing in the segment is needed any more, and the writer goes on. */
  async remove(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await unlink(this.path).catch(() => undefined);
  }

  private async readBytes(at: number, bytes: number): Promise<Buffer> {
    const block = Buffer.alloc(bytes);
    await this.file.read(block, 0, bytes, at);
    return block;
  }
}

/** A write that stops short says no more than this. */
function diskIsFull(): Error {
  return Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' });
}

async function fill(file: FileHandle, bytes: number): Promise<void> {
  const block = Buffer.alloc(Math.min(bytes, 1024 * 1024));
  for (let at = 0; at < bytes; at += block.length) {
    const { bytesWritten } = await file.write(block, 0, Math.min(block.length, bytes - at), at);
    if (bytesWritten < Math.min(block.length, bytes - at)) {
      throw diskIsFull();
    }
  }
}

/** A new name is on the disk only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
