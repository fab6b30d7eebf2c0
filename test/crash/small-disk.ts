import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A data directory whose disk can be full for a while. */
export interface SmallDisk {
  readonly folder: string;
  /** How that is done here. */
  readonly means: 'small file system' | 'limit of the process' | 'closed folder';
  /** No process can put another block there. */
  fill(): void;
  free(): void;
  remove(): void;
}

const bytes = 24 * 1024 * 1024;

/**
 * A file system of its own where one may be mounted, which takes root. Elsewhere the processes are forbidden to write
 * files of any size, or, where the system cannot do that to a running process, to make new ones.
 * @param pids of those that use it
 */
export function smallDisk(pids: () => readonly number[]): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'gk-small-disk-'));
  if (runs('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder)) return mounted(folder);
  if (runs('prlimit', '--version')) return limited(folder, pids);
  return closed(folder);
}

function mounted(folder: string): SmallDisk {
  const filler = join(folder, 'filler');
  return {
    folder,
    means: 'small file system',
    fill: () => fillUp(filler),
    free: () => rmSync(filler),
    remove: () => {
      must('umount', folder);
      rmSync(folder, { recursive: true });
    },
  };
}

function limited(folder: string, pids: () => readonly number[]): SmallDisk {
  const limit = (softBytes: string) => {
    for (const pid of pids()) must('prlimit', '--pid', String(pid), `--fsize=${softBytes}:`);
  };
  return {
    folder,
    means: 'limit of the process',
    fill: () => limit('0'),
    free: () => limit('unlimited'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function closed(folder: string): SmallDisk {
  const journals = join(folder, 'journal');
  const setMode = (mode: number) => {
    for (const name of readdirSync(journals)) chmodSync(join(journals, name), mode);
  };
  return {
    folder,
    means: 'closed folder',
    fill: () => setMode(0o500),
    free: () => setMode(0o700),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Down to the last block. */
function fillUp(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const block of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)]) {
      while (written(file, block));
    }
  } finally {
    closeSync(file);
  }
}

function written(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length;
  } catch {
    return false;
  }
}

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function must(command: string, ...args: string[]): void {
  if (!runs(command, ...args)) throw new Error(`${command} ${args.join(' ')} failed.`);
}
