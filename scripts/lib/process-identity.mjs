import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Names one process for good. A pid alone does not: it is given out again, after a reboot or in a restarted
 * container even to the same program. Here the start time (and on Linux the boot) goes with it.
 *
 * @param {number} pid
 * @returns {string | null} null when no such process runs; a zombie counts as gone
 */
export function processIdentity(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** @param {number} pid */
function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name (field 2) may hold spaces and brackets, so fields are counted from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${bootId()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function bootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'boot';
  }
}

/** @param {number} pid */
function fromPs(pid) {
  if (process.platform !== 'win32') {
    const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
    if (ps.status === 0) {
      const [state, ...started] = ps.stdout.trim().split(/\s+/);
      return state === undefined || state.startsWith('Z') ? null : started.join(' ');
    }
    if (ps.error === undefined) return null;
  }
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'running' : null;
  }
}
