import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestDatabase } from '#testing';

export interface TableCopies {
  /** Name and whole content of every table, as `COPY` writes it. */
  copy(): Promise<[string, string][]>;
  remove(): void;
}

export function tableCopies(database: TestDatabase): TableCopies {
  const folder = mkdtempSync(join(tmpdir(), 'gk-canary-'));
  chmodSync(folder, 0o777);
  return {
    copy: async () => {
      const tables = await database.query<{ name: string }>(
        "select relname as name from pg_class where relnamespace = 'gk'::regnamespace and relkind = 'r'",
      );
      const copies: [string, string][] = [];
      for (const { name } of tables) {
        const path = join(folder, name);
        await database.query(`copy gk.${name} to '${path}'`);
        copies.push([`table ${name}`, readFileSync(path, 'utf8')]);
      }
      return copies;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Where a canary is found, in any of the forms it may have taken on its way. */
export function placesWith(
  canaries: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, string>,
): string[] {
  const found = [];
  for (const [place, text] of places) {
    for (const [name, value] of canaries) {
      if (formsOf(value).some((form) => text.includes(form))) found.push(`${name} in ${place}`);
    }
  }
  return found;
}

/** As it is, and as the encodings on its way would have it. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    bytes.toString('base64'),
    bytes.toString('hex'),
    JSON.stringify(value).slice(1, -1),
  ];
}
