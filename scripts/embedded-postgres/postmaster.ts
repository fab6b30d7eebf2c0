import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../../libs/journal/process-identity.ts';
import { settlePorts } from '../lib/ports.ts';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { type Cluster, SERVER_ENV } from './cluster.ts';
import { hasOrphans, isPostgresOn, type PostmasterFile, readPostmasterFile } from './postmaster-file.ts';

/** Includes the recovery after a crash. */
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const ORPHANS_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
/** Somebody may take the free port between our look and the server's. */
const PORT_TRIES = 5;

/** On the command line, where they win over `postgresql.conf`. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The detail of an error quotes the row; rows hold what must not be in a log.
  log_error_verbosity: 'terse',
};

type Settings = Readonly<Record<string, string | number>>;

/** The server that a killed start has left running on these files, once it can be used. */
export async function findRunning({ data }: Cluster): Promise<PostmasterFile | null> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const found = readPostmasterFile(data);
    if (found === null || !isPostgresOn(found.pid, data)) return null;
    if (found.ready) return found;
    if (Date.now() > deadline)
      throw new UserError(`a PostgreSQL (pid ${found.pid}) on ${data} neither starts nor stops`);
    await sleep(POLL_MS);
  }
}

export async function launch(cluster: Cluster, settings: Settings) {
  await clearStaleFile(cluster.data);
  for (let tries = 1; ; tries += 1) {
    const free = await settlePorts({ port: 0 }, { port: SETTINGS.listen_addresses });
    const port = Number(settings['port'] ?? free.port);
    const outcome = await attempt(cluster, { ...SETTINGS, ...settings, port });
    if ('pid' in outcome) return { pid: outcome.pid, port };
    if (tries === PORT_TRIES || !/could not bind|in use/.test(outcome.reason)) {
      throw new UserError(`the embedded PostgreSQL did not start: ${outcome.reason} (log: ${cluster.log})`);
    }
  }
}

/**
 * PostgreSQL clears a stale file itself, except where its pid still answers: given to another process, or dead
 * but never collected (a container without an init). It also tells by that file whether helpers of the old
 * server are still at work, so it may only go when there are none.
 */
async function clearStaleFile(data: string): Promise<void> {
  const deadline = Date.now() + ORPHANS_TIMEOUT_MS;
  while (hasOrphans(data) && Date.now() < deadline) await sleep(POLL_MS);
  const found = readPostmasterFile(data);
  if (found === null || !answers(found.pid) || hasOrphans(data)) return;
  rmSync(join(data, 'postmaster.pid'));
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function attempt(
  { binaries, data, log, user }: Cluster,
  settings: Settings,
): Promise<{ pid: number } | { reason: string }> {
  const output = openSync(log, 'w', 0o600);
  const child = spawn(
    binaries.postgres,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: '/', env: SERVER_ENV, detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = reasonIn(log) ?? `it ended at once (${signal ?? code})`;
  });
  child.unref();
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (ended === undefined && Date.now() < deadline) {
    const found = readPostmasterFile(data);
    if (found?.pid === child.pid && found?.ready) return { pid: found.pid };
    await sleep(POLL_MS);
  }
  if (ended === undefined) child.kill('SIGQUIT');
  return { reason: ended ?? `not ready after ${READY_TIMEOUT_MS / 1000} s` };
}

function reasonIn(log: string): string | undefined {
  // Its folder may have been removed with it.
  if (!existsSync(log)) return undefined;
  const lines = readFileSync(log, 'utf8').split('\n');
  const telling =
    lines.find((line) => line.includes('could not bind')) ?? lines.find((line) => /FATAL|PANIC/.test(line));
  return telling?.replace(/^.*?(LOG|FATAL|PANIC): +/, '');
}

/** Fast shutdown: sessions are ended, everything is written; the harder ways only when that hangs. */
export async function stopPostmaster(data: string, pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isPostgresOn(pid, data)) return;
    process.kill(pid, signal);
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (processIdentity(pid) !== undefined && Date.now() < deadline) await sleep(POLL_MS);
  }
}
