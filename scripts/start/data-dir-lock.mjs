import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock, LockHeldError } from '../lib/lock.mjs';
import { processIdentity } from '../lib/process-identity.mjs';
import { codeOf, UserError } from '../lib/user-error.mjs';

/** A start whose launcher was just killed needs a moment to notice. */
const NOTICE_MS = 1_500;
const DRAIN_SLACK_MS = 20_000;
const POLL_MS = 50;

/**
 * One installation per data directory. One that is stopping is waited for; applications that a killed one has
 * left behind are finishing what is in flight, and are waited for too.
 *
 * @param {import('./plan.mjs').Plan} plan
 * @returns {Promise<import('../lib/lock.mjs').Lock>}
 */
export async function lockDataDir({ dataDir, upstreamTimeoutMs }) {
  const drainMs = upstreamTimeoutMs + DRAIN_SLACK_MS;
  const lock = await acquireLock(join(dataDir, 'start.lock'), (holder, waitedMs) =>
    holder?.stopping ? waitedMs < drainMs : waitedMs < NOTICE_MS,
  ).catch((error) => {
    if (error instanceof LockHeldError) {
      throw new UserError(
        `already running, pid ${error.holder?.pid ?? 'unknown'} (data directory ${dataDir})`,
      );
    }
    throw new UserError(`the data directory ${dataDir} cannot be written (${codeOf(error) ?? error})`);
  });
  for (const child of lock.previous?.children ?? []) await outlive(child, upstreamTimeoutMs);
  return lock;
}

/**
 * @param {{ pid: number, name: string, identity: string | null }} left
 * @param {number} upstreamTimeoutMs
 */
async function outlive({ pid, name, identity }, upstreamTimeoutMs) {
  const alive = () => identity !== null && processIdentity(pid) === identity;
  if (!alive()) return;
  process.stdout.write(`Waiting for the ${name} of an earlier start to finish (pid ${pid})…\n`);
  const deadline = Date.now() + upstreamTimeoutMs + 2_000;
  while (alive() && Date.now() < deadline) await sleep(POLL_MS);
  if (alive()) process.kill(pid, 'SIGKILL');
  while (alive()) await sleep(POLL_MS);
}
