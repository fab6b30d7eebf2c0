import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One process of the compiled product, as production starts it. */
export interface RoleProcess {
  readonly child: ChildProcess;
  /** Every line it has written so far, stdout and stderr. */
  readonly lines: readonly string[];
  /** @returns its exit code, or the signal that ended it */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

const readyWithinMs = 90_000;

/** One for all processes of all suites: a quarter of a start is compiling. The next build removes it. */
export const compileCache = join(import.meta.dirname, '../../dist/.compile-cache');

/** @throws Error with what it wrote, when it ends or stays silent instead of getting ready */
export async function startRole(
  role: 'api' | 'worker' | 'sandbox',
  env: Readonly<Record<string, string>>,
): Promise<RoleProcess> {
  const child = spawn(process.execPath, [`dist/apps/${role}/main.js`], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<void>((resolve, reject) => {
    const give = (why: string) => reject(new Error(`${role} ${why}:\n${lines.join('\n')}`));
    const timer = setTimeout(() => give('did not get ready'), readyWithinMs);
    const keep = (line: string) => {
      lines.push(line);
      if (isReady(line)) resolve();
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', keep);
    void exited.then((how) => give(`ended with ${how}`)).finally(() => clearTimeout(timer));
    void Promise.resolve().then(() => timer.unref());
  });
  await ready.catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    child,
    lines,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

function isReady(line: string): boolean {
  try {
    return (JSON.parse(line) as { msg?: unknown }).msg === 'ready';
  } catch {
    return false;
  }
}
