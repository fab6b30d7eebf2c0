import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** One function of the schema `gk`, as its file in `functions/` defines it. */
export interface FunctionFile {
  readonly name: string;
  /** Nobody logs in as it. */
  readonly owner: string;
  /** Whether it runs as its owner, rather than as its caller. */
  readonly runsAsOwner: boolean;
  /** Roles that may execute it besides its owner. */
  readonly executors: readonly string[];
  readonly sql: string;
  /** Of the whole file. */
  readonly sha256: string;
}

const folder = new URL('./functions/', import.meta.url);
const header = /^-- owner: (?<owner>grantkeeper_\w+)\n-- execute: (?<execute>[\w, ]+)\n/;

/** @throws Error when a file does not begin with its two lines, or defines something else than its name says */
export function functionFiles(): FunctionFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parse(file.slice(0, -'.sql'.length), readFileSync(new URL(file, folder), 'utf8')));
}

function parse(name: string, sql: string): FunctionFile {
  const { owner, execute } = header.exec(sql)?.groups ?? {};
  const isNamed = sql.includes(`\ncreate or replace function gk.${name}(`);
  if (owner === undefined || execute === undefined || !isNamed) {
    throw new Error(`schema/functions/${name}.sql: see schema/README.md for what it must begin with.`);
  }
  return {
    name,
    owner,
    runsAsOwner: /\bsecurity definer\b/.test(sql),
    executors: execute === 'nobody' ? [] : execute.split(', '),
    sql,
    sha256: createHash('sha256').update(sql).digest('hex'),
  };
}
