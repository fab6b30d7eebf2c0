import { readdirSync } from 'node:fs';
import type { Journal } from '../journal.js';
import type { JournalEntry } from '../journal-entry.js';

/** One after the other, each durable before the next. */
export async function write(journal: Journal, ...entries: readonly JournalEntry[]): Promise<void> {
  for (const one of entries) await (await journal.reserve()).write(one);
}

export function idsOf(heads: readonly { readonly id: string }[]): string[] {
  return heads.map(({ id }) => id);
}

export function segmentsIn(folder: string): number {
  return readdirSync(folder).filter((name) => name.endsWith('.segment')).length;
}
