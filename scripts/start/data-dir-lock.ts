import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../../libs/journal/process-identity.ts';
import { acquireLock, type Lock, type LockedProcess } from '../lib/lock.ts';
import { codeOf, UserError } from '../lib/user-error.mjs';
import type { Plan } from './plan.ts';

/** A start whose launcher was just killed needs a moment to notice. */
const NOTICE_MS = 1_500;
const DRAIN_SLACK_MS = 20_000;
const POLL_MS = 50;

/**
 * One installation per data directory. One that is stopping is waited for; applications that a killed one has
 * left behind are finishing what is in flight, and are waited for too.
 */
export async function lockDataDir({ dataDir, upstreamTimeoutMs }: Plan): Promise<Lock> {
  const drainMs = upstreamTimeoutMs + DRAIN_SLACK_MS;
  const lock = await acquireLock(join(dataDir, 'start.lock'), (holder, waitedMs) => {
    if (waitedMs < (holder?.stopping ? drainMs : NOTICE_MS)) return;
    throw new UserError(`already running, pid ${holder?.pid ?? 'unknown'} (data directory ${dataDir})`);
  }).catch((error) => {
    if (error instanceof UserError) throw error;
    throw new UserError(`the data directory ${dataDir} cannot be written (${codeOf(error) ?? error})`);
  });
  for (const child of lock.previous?.children ?? []) await outlive(child, upstreamTimeoutMs);
  return lock;
}

async function outlive({ pid, name, identity }: LockedProcess, upstreamTimeoutMs: number): Promise<void> {
  const alive = () => identity !== undefined && processIdentity(pid) === identity;
  if (!alive()) return;
  process.stdout.write(`Waiting for the ${name} of an earlier start to finish (pid ${pid})…\n`);
  const deadline = Date.now() + upstreamTimeoutMs + 2_000;
  while (alive() && Date.now() < deadline) await sleep(POLL_MS);
  if (alive()) process.kill(pid, 'SIGKILL');
  while (alive()) await sleep(POLL_MS);
}
