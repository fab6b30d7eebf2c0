import { fork } from 'node:child_process';
import { createWriteStream, mkdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processIdentity } from '../../libs/journal/process-identity.ts';
import { DIST, ROOT } from '../lib/paths.mjs';
import { UserError } from '../lib/user-error.mjs';

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** On top of the deadline of a provider call: what a stop may take before it is no longer waited for. */
const STOP_SLACK_MS = 5_000;
/** Levels that a person at the terminal should see; our applications write a level by its name. */
const SHOWN = ['warn', 'error', 'fatal'];

export type Application = ReturnType<typeof startApplication>;

interface Options {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly onDeath: (error: Error) => void;
}

/**
 * One of the applications as a child process, in a session of its own: a Ctrl-C in the terminal is for us to pass
 * on, in the right order. It notices our death by its IPC channel closing.
 */
export function startApplication(name: string, { env, dataDir, onDeath }: Options) {
  const logFile = join(dataDir, 'logs', `${name}.log`);
  const log = openLog(logFile);
  const child = fork(join(DIST, 'apps', name, 'main.js'), [], {
    cwd: ROOT,
    env: { NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let stopping = false;
  let isReady = false;
  let ended = false;
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<number | null>();
  const show = (text: string) => process.stdout.write(`[${name}] ${text}\n`);

  if (child.stdout === null || child.stderr === null)
    throw new Error('the output of an application is not piped');
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.write(`${line}\n`);
    const entry = parseLogLine(line);
    if (entry?.msg === 'ready') {
      isReady = true;
      ready.resolve();
    }
    if (entry?.isShown) show(entry.text);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    show(line);
  });
  child.on('error', (error) => onDeath(new UserError(`${name} could not be started (${error.message})`)));
  child.on('close', (code, signal) => {
    ended = true;
    log.end();
    // Before it is ready it may not be listening for signals yet, and has nothing to finish.
    exited.resolve(signal === 'SIGTERM' && !isReady ? 0 : code);
    if (!stopping)
      onDeath(new UserError(`${name} ended by itself (${signal ?? `exit code ${code}`}); log: ${logFile}`));
  });

  return {
    name,
    pid: child.pid ?? 0,
    identity: processIdentity(child.pid ?? 0),
    ready: ready.promise,
    /** Asks for a drain and waits for it. */
    async stop(upstreamTimeoutMs: number): Promise<void> {
      stopping = true;
      if (ended) return;
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), upstreamTimeoutMs + STOP_SLACK_MS);
      const code = await exited.promise;
      clearTimeout(limit);
      if (code !== 0)
        throw new UserError(`${name} did not stop in order (${code ?? 'killed'}); log: ${logFile}`);
    },
  };
}

function openLog(file: string) {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) truncateSync(file);
  const log = createWriteStream(file, { flags: 'a', mode: 0o600 });
  log.on('error', () => {});
  return log;
}

/** @returns undefined: not one of our log lines */
function parseLogLine(line: string): { msg: string; isShown: boolean; text: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg = '', err } = JSON.parse(line);
    const text = `${level} ${msg}${err?.message && err.message !== msg ? `: ${err.message}` : ''}`;
    return { msg, isShown: SHOWN.includes(level), text };
  } catch {
    return undefined;
  }
}
