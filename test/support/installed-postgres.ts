import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#testing';
import { serverUser } from '../../scripts/embedded-postgres/system-user.js';
import { freePort } from './free-port.js';

export const password = 'the password of a throw-away server';

/** Where the system's own PostgreSQL server has its programs, `pg_dump` of the same version among them. */
export function installedPostgres(): string | undefined {
  const { stdout, status } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folder = stdout?.trim();
  const all = ['initdb', 'postgres', 'pg_dump', 'pg_dumpall', 'pg_restore', 'psql'];
  return status === 0 && all.every((name) => existsSync(join(folder, name))) ? folder : undefined;
}

/** Processes of other packages, under an account that they agree to run under, in one folder. */
export class SystemProcesses {
  readonly folder = mkdtempSync(join(tmpdir(), 'gk-system-'));
  private readonly user = serverUser();
  private readonly running: ChildProcess[] = [];

  constructor() {
    chmodSync(this.folder, 0o755);
    if (this.user) chownSync(this.folder, this.user.uid, this.user.gid);
  }

  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  start(file: string, args: readonly string[]): void {
    this.running.push(spawn(file, args, { ...this.user, cwd: this.folder, stdio: 'ignore' }));
  }

  /** @returns its port; the superuser is `postgres` */
  async startPostgres(programs: string): Promise<number> {
    const data = join(this.folder, 'data');
    const pwfile = this.write('password', password);
    const make = ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${pwfile}`, '--no-sync'];
    execFileSync(join(programs, 'initdb'), [...make, '--encoding=UTF8', '--locale=C'], {
      ...this.user,
      cwd: this.folder,
      stdio: 'ignore',
    });
    const port = await freePort();
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=`, 'fsync=off'];
    this.start(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]);
    await this.answering(programs, port);
    return port;
  }

  async answering(programs: string, port: number): Promise<void> {
    const url = `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
    await eventually(() => {
      const { status } = spawnSync(join(programs, 'psql'), [url, '-c', 'select 1'], { stdio: 'ignore' });
      if (status !== 0) throw new Error(`Nothing answers on port ${port}.`);
    }, 30_000);
  }

  async stop(): Promise<void> {
    for (const child of this.running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGINT');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
