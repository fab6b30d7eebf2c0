import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const megabyte = 1024 * 1024;

/** The resident memory of a process now, in MB. */
export function residentMegabytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  if (kilobytes === undefined) throw new Error(`Process ${pid} does not say what it keeps in memory.`);
  return (Number(kilobytes) * 1024) / megabyte;
}

/** Looks ten times a second; the function it returns says the most it has seen, and looks no more. */
export function watchMemory(pid: number): () => number {
  let mostMegabytes = residentMegabytes(pid);
  const look = () => {
    mostMegabytes = Math.max(mostMegabytes, residentMegabytes(pid));
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    look();
    return mostMegabytes;
  };
}
