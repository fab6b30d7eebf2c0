import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../../libs/journal/process-identity.ts';
import { lockFolder } from '../lib/lock.ts';
import { codeOf, UserError } from '../lib/user-error.mjs';
import type { Plan } from './plan.ts';

/** A start whose launcher was just killed needs a moment to notice. */
const NOTICE_MS = 1_500;
/** Whether a holder on another host (a shared volume) lives is known after 30 s of silence. */
const SILENT_MS = 32_000;
const DRAIN_SLACK_MS = 20_000;
const POLL_MS = 50;

/** The note that a start leaves for the next one. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly stopping?: boolean;
  readonly children?: readonly Child[];
}

interface Child {
  readonly name: string;
  readonly pid: number;
  readonly identity: string | undefined;
}

export interface DataDirLock {
  update(more: Partial<Holder>): void;
  release(): void;
}

/**
 * One installation per data directory. One that is stopping is waited for; applications that a killed one has
 * left behind are finishing what is in flight, and are waited for too.
 */
export async function lockDataDir({ dataDir, upstreamTimeoutMs }: Plan): Promise<DataDirLock> {
  const folder = join(dataDir, 'start');
  const file = join(folder, 'holder.json');
  try {
    const lock = await lockFolder(folder, (waitedMs) => {
      const holder = read(file);
      if (waitedMs < patienceMs(holder, upstreamTimeoutMs)) return;
      throw new UserError(`already running, pid ${holder?.pid ?? 'unknown'} (data directory ${dataDir})`);
    });
    for (const child of read(file)?.children ?? []) await outlive(child, upstreamTimeoutMs);
    let holder: Holder = { pid: process.pid, host: hostname() };
    const update: DataDirLock['update'] = (more) => {
      holder = { ...holder, ...more };
      // The directory may be deleted under us: then there is nothing left to guard.
      if (!existsSync(folder)) return;
      writeFileSync(`${file}.next`, JSON.stringify(holder), { mode: 0o600 });
      renameSync(`${file}.next`, file);
    };
    update({});
    return {
      update,
      release: () => {
        rmSync(file, { force: true });
        lock.release();
      },
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`the data directory ${dataDir} cannot be written (${codeOf(error) ?? error})`);
  }
}

function patienceMs(holder: Holder | undefined, upstreamTimeoutMs: number): number {
  if (holder?.stopping) return upstreamTimeoutMs + DRAIN_SLACK_MS;
  return holder === undefined || holder.host === hostname() ? NOTICE_MS : SILENT_MS;
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function outlive({ pid, name, identity }: Child, upstreamTimeoutMs: number): Promise<void> {
  const alive = () => identity !== undefined && processIdentity(pid) === identity;
  if (!alive()) return;
  process.stdout.write(`Waiting for the ${name} of an earlier start to finish (pid ${pid})…\n`);
  const deadline = Date.now() + upstreamTimeoutMs + 2_000;
  while (alive() && Date.now() < deadline) await sleep(POLL_MS);
  if (alive()) process.kill(pid, 'SIGKILL');
  while (alive()) await sleep(POLL_MS);
}
