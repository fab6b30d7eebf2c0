import { crc32 } from 'node:zlib';
import type { JournalEntry } from './journal-entry.js';

/** A record of a segment: an entry, or the mark that one is settled. */
export type JournalRecord =
  | { readonly entry: JournalEntry }
  | { readonly settled: string; readonly atMs: number };

/** Length and CRC-32 of the payload, both unsigned 32-bit big-endian. A length of 0 is where nothing was written yet. */
export const headBytes = 8;

export function encodeRecord(record: JournalRecord): Buffer {
  const payload = Buffer.from(JSON.stringify(record));
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(payload.length, 0);
  head.writeUInt32BE(crc32(payload), 4);
  return Buffer.concat([head, payload]);
}

/** Bytes of a record together with its head. */
export function blockBytes(head: Buffer): number {
  return headBytes + head.readUInt32BE(0);
}

export interface ReadRecords {
  readonly records: readonly {
    readonly record: JournalRecord;
    readonly at: number;
  }[];
  /** Where the next record goes. */
  readonly end: number;
  /** Whether something is there that is not a record: the last write was cut off, or the disk is bad. */
  readonly isDamaged: boolean;
}

/** Reads from the start up to the first place that does not hold a whole record. */
export function decodeRecords(segment: Buffer): ReadRecords {
  const records = [];
  let at = 0;
  while (at + headBytes <= segment.length) {
    const length = segment.readUInt32BE(at);
    if (length === 0) return { records, end: at, isDamaged: false };
    const payload = segment.subarray(at + headBytes, at + headBytes + length);
    const record = payload.length === length ? parse(payload, segment.readUInt32BE(at + 4)) : undefined;
    if (!record) return { records, end: at, isDamaged: true };
    records.push({ record, at });
    at += headBytes + length;
  }
  return { records, end: at, isDamaged: false };
}

function parse(payload: Buffer, checksum: number): JournalRecord | undefined {
  if (crc32(payload) !== checksum) return undefined;
  try {
    return JSON.parse(payload.toString()) as JournalRecord;
  } catch {
    return undefined;
  }
}
