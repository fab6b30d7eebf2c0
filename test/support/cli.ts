import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../apps/cli/cli.js';

export interface CliRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Undefined when the output is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape.
  readonly json: any;
}

export interface Cli {
  /** Its home and its working directory. */
  readonly folder: string;
  (
    args: string | readonly string[],
    more?: { env?: Record<string, string>; input?: string },
  ): Promise<CliRun>;
}

/** The command line in this process, with an environment and a home of its own. */
export function cliOf(env: Readonly<Record<string, string>>): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'gk-cli-'));
  const run = async (
    args: string | readonly string[],
    { env: more = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
  ): Promise<CliRun> => {
    let out = '';
    let err = '';
    const exitCode = await runCli(typeof args === 'string' ? args.split(' ') : args, {
      env: { HOME: folder, ...env, ...more },
      folder,
      isWatched: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      input: () => input,
    });
    return { exitCode, out, err, json: parsed(out || err) };
  };
  return Object.assign(run, { folder });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
