import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compileCache } from './role-process.js';

export interface CommandLine {
  readonly command: readonly [file: string, ...args: string[]];
  /** On top of `PATH`, `HOME` and, in our own checkout, the cache of compiled code; nothing else of the test's own environment is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Only root may name another than itself. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface StartedProcess {
  readonly child: ChildProcess;
  /** Every line it has written so far, stdout and stderr. */
  readonly lines: readonly string[];
  readonly readyInMs: number;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
}

const readyWithinMs = 90_000;

/**
 * Runs a command in a process group of its own, as a terminal would, until it writes a line that means it is ready.
 * @throws Error with what it wrote, when it ends or stays silent instead
 */
export async function startProcess(
  commandLine: CommandLine,
  isReady: (line: string) => boolean,
): Promise<StartedProcess> {
  const startedAt = performance.now();
  const [file, ...args] = commandLine.command;
  const child = spawn(file, args, {
    ...optionsOf(commandLine),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  await new Promise<void>((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${what}:\n${lines.join('\n')}`));
    const timer = setTimeout(() => fail('Not ready'), readyWithinMs);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (!isReady(line)) return;
        clearTimeout(timer);
        resolve();
      });
    }
    exited.then((how) => fail(`Ended with ${how}`), reject).finally(() => clearTimeout(timer));
  });
  return { child, lines, readyInMs: performance.now() - startedAt, exited };
}

/** Runs a command that ends by itself: its exit code (null: it had to be stopped), and what it said besides npm's own lines. */
export function runToEnd(commandLine: CommandLine): { code: number | null; said: string[] } {
  const [file, ...args] = commandLine.command;
  const result = spawnSync(file, args, {
    ...optionsOf(commandLine),
    encoding: 'utf8',
    timeout: readyWithinMs,
  });
  const said = `${result.stdout}${result.stderr}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('npm '));
  return { code: result.status, said };
}

function optionsOf({ env, cwd, user }: CommandLine) {
  return {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/tmp',
      ...(cwd === undefined && { NODE_COMPILE_CACHE: compileCache }),
      ...env,
    },
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
  };
}
