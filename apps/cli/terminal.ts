import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Everything a command knows of the place it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths are meant from here. */
  readonly folder: string;
  /** Whether somebody watches stderr. */
  readonly isWatched: boolean;
  out(text: string): void;
  err(text: string): void;
  /** All of stdin. */
  input(): string;
}

export function processTerminal(): Terminal {
  const { env } = process;
  // A reader that has seen enough, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    env,
    // npm runs scripts in the folder of the package, and says where it was called from.
    folder: (env['npm_lifecycle_event'] === 'cli' ? env['INIT_CWD'] : undefined) ?? process.cwd(),
    isWatched: process.stderr.isTTY === true,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    input: () => readFileSync(0, 'utf8'),
  };
}

export function pathFrom(terminal: Terminal, path: string): string {
  return resolve(terminal.folder, path);
}
