import type { Journal } from '../journal.js';

/** Ids of everything a journal would have compared with the database. */
export async function keptIn(journal: Journal): Promise<string[]> {
  const kept: string[] = [];
  for await (const heads of journal.keptHeads()) kept.push(...heads.map(({ id }) => id));
  return kept;
}
