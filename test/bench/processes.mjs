import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../../scripts/bootstrap/commands.mjs';

/**
 * @param {'api' | 'worker' | 'sandbox'} role
 * @param {Record<string, string>} env
 * @param {readonly string[]} nodeOptions
 */
export async function startRole(role, env, nodeOptions = []) {
  const child = spawn(process.execPath, [...nodeOptions, `dist/apps/${role}/main.js`], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${role} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve(undefined);
    });
  });
  return { pid: child.pid ?? 0, stop: () => stop(child) };
}

/**
 * @param {number} bodyBytes
 * @param {'string' | 'buffer'} kind
 */
export async function startBareServer(bodyBytes, kind) {
  const child = fork(fileURLToPath(new URL('bare-server.mjs', import.meta.url)), [String(bodyBytes), kind]);
  const [{ port }] = await once(child, 'message');
  return { pid: child.pid ?? 0, url: `http://127.0.0.1:${port}/`, stop: () => stop(child) };
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Also where the bench is ended from outside.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithUs(child) {
  const end = () => child.kill();
  process.on('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/** @param {import('node:child_process').ChildProcess} child */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/**
 * Processor time of a process so far, of all its threads, by Linux's `/proc`.
 *
 * @param {number} pid
 */
export function processorSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/**
 * The options of Node that `npm run start:…` and the images start a role with.
 *
 * @param {'api' | 'worker'} role
 */
export function roleOptions(role) {
  return (findCommand(`start:${role}`).argv ?? []).filter((argument) => argument.startsWith('--'));
}

/** @param {number} pid */
export function residentMiB(pid) {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kibibytes) / 1_024);
}
