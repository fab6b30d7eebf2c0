import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';
import { type Client, clientOf } from './http.js';
import { compileCache } from './role-process.js';

/** The product as `npm start` has brought it up. */
export interface StartedProduct {
  readonly npm: ChildProcess;
  readonly lines: readonly string[];
  readonly startedInMs: number;
  readonly origin: string;
  readonly sandbox: Client;
  readonly exited: Promise<number | string>;
}

export interface StartSettings {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
}

const readyWithinMs = 90_000;

/** Runs `npm start` in a process group of its own, as a terminal would, on free ports. */
export async function npmStart({ dataDir, env = {} }: StartSettings): Promise<StartedProduct> {
  const [port, sandboxPort, workerPort] = [await freePort(), await freePort(), await freePort()];
  const startedAt = performance.now();
  const npm = spawn('npm', ['start'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/tmp',
      NODE_COMPILE_CACHE: compileCache,
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      WORKER_PORT: String(workerPort),
      GRANTKEEPER_DATA_DIR: dataDir,
      ...env,
    },
  });
  const lines: string[] = [];
  const exited = once(npm, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Not ready:\n${lines.join('\n')}`)), readyWithinMs);
    for (const stream of [npm.stdout, npm.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line === 'ready') resolve();
      });
    }
    void exited
      .then(() => reject(new Error(`Ended:\n${lines.join('\n')}`)))
      .finally(() => clearTimeout(timer));
    timer.unref();
  });
  return {
    npm,
    lines,
    startedInMs: performance.now() - startedAt,
    origin: `http://127.0.0.1:${port}`,
    sandbox: clientOf(`http://127.0.0.1:${sandboxPort}`),
    exited,
  };
}

const startCommands = {
  npm: ['npm', 'start', '--silent'],
  /** The command that npm start runs once all is installed and built. */
  script: [process.execPath, 'scripts/start.ts'],
} as const;

/** A start that is meant to fail: its exit code, and what it said besides npm's own lines. */
export function failingStart(
  { dataDir, env = {} }: StartSettings,
  by: keyof typeof startCommands = 'script',
): { code: number | null; said: string[] } {
  const [file, ...args] = startCommands[by];
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: readyWithinMs,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/tmp',
      NODE_COMPILE_CACHE: compileCache,
      GRANTKEEPER_DATA_DIR: dataDir,
      PORT: '0',
      SANDBOX_PORT: '0',
      WORKER_PORT: '0',
      ...env,
    },
  });
  const said = `${result.stdout}${result.stderr}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('npm '));
  return { code: result.status, said };
}

export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes of an installation that are alive: those that name its data in their environment or command line. */
export function processesOf(dataDir: string): LeftProcess[] {
  const postgres = realPathOf(join(dataDir, 'postgres'));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      const names = textOf(`/proc/${pid}/environ`) + textOf(`/proc/${pid}/cmdline`);
      return names.includes(dataDir) || (postgres !== undefined && names.includes(postgres));
    })
    .filter((pid) => !/^State:\s+Z/m.test(textOf(`/proc/${pid}/status`)))
    .map((pid) => ({ pid: Number(pid), command: textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }));
}

/** As root, the database lies outside a folder that its user cannot enter. */
function realPathOf(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
