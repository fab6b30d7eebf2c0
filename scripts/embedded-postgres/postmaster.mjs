import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../lib/process-identity.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';
import { SERVER_ENV } from './cluster.mjs';
import { hasOrphans, isPostgresOn, readPostmasterFile } from './postmaster-file.mjs';

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

/**
 * The server that a killed start has left running on these files, once it can be used.
 *
 * @param {import('./cluster.mjs').Cluster} cluster
 * @returns {Promise<{ pid: number, port: number } | null>}
 */
export async function findRunning({ data }) {
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

/**
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {Record<string, string | number>} settings
 * @returns {Promise<{ pid: number, port: number }>}
 */
export async function launch(cluster, settings) {
  await clearStaleFile(cluster.data);
  for (let tries = 1; ; tries += 1) {
    const port = Number(settings.port ?? (await freePort()));
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
 *
 * @param {string} data
 */
async function clearStaleFile(data) {
  const deadline = Date.now() + ORPHANS_TIMEOUT_MS;
  while (hasOrphans(data) && Date.now() < deadline) await sleep(POLL_MS);
  const found = readPostmasterFile(data);
  if (found === null || !answers(found.pid) || hasOrphans(data)) return;
  rmSync(join(data, 'postmaster.pid'));
}

/** @param {number} pid */
function answers(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/**
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {Record<string, string | number>} settings
 * @returns {Promise<{ pid: number } | { reason: string }>}
 */
async function attempt({ binaries, data, log, user }, settings) {
  const output = openSync(log, 'w', 0o600);
  const child = spawn(
    binaries.postgres,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: '/', env: SERVER_ENV, detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  /** @type {string | undefined} */
  let ended;
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

/** @param {string} log */
function reasonIn(log) {
  // Its folder may have been removed with it.
  if (!existsSync(log)) return undefined;
  const lines = readFileSync(log, 'utf8').split('\n');
  const telling =
    lines.find((line) => line.includes('could not bind')) ?? lines.find((line) => /FATAL|PANIC/.test(line));
  return telling?.replace(/^.*?(LOG|FATAL|PANIC): +/, '');
}

/**
 * Fast shutdown: sessions are ended, everything is written; the harder ways only when that hangs.
 *
 * @param {{ data: string }} cluster
 * @param {number} pid
 */
export async function stopPostmaster({ data }, pid) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGQUIT', 'SIGKILL'])) {
    if (!isPostgresOn(pid, data)) return;
    process.kill(pid, signal);
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (processIdentity(pid) !== null && Date.now() < deadline) await sleep(POLL_MS);
  }
}

/**
 * Ends a server whose files are about to be deleted.
 *
 * @param {string} data
 */
export function killLeftover(data) {
  const found = readPostmasterFile(data);
  if (found !== null && isPostgresOn(found.pid, data)) process.kill(found.pid, 'SIGKILL');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
