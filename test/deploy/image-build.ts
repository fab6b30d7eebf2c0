import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { scaled } from '../support/scale.js';
import type { CopyStep, RunStep, Stage } from './dockerfile.js';

export interface ImageBuild {
  /** Where the file system of a stage is. */
  root(stage: string): string;
  /** All that a process of that stage sees: the machine's own programs, the stage's variables and nothing else. */
  environment(stage: Stage): Record<string, string>;
}

/** How this machine reaches the npm registry; nothing that could change what is built. */
const fromTheMachine =
  /^(?:path|home|npm_config_(?:registry|cache|userconfig|cafile)|https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_(?:file|dir))$/i;

/** In the short version its outcome is linked from the checkout, where the same lock was installed by the same command. */
const install = 'npm ci --ignore-scripts';

/** One command that takes longer has lost the network. */
const runTimeoutMs = 240_000;

/**
 * Carries out COPY and RUN of every stage as Docker would, in one folder per stage instead of an image. Owners are
 * not set, since that takes root.
 *
 * @param inContext whether a file of the checkout may be copied
 * @throws Error with what a command has written, when it fails
 */
export function buildImages(
  stages: ReadonlyMap<string, Stage>,
  places: { readonly checkout: string; readonly into: string; inContext(file: string): boolean },
): ImageBuild {
  const root = (name: string): string => {
    const stage = stages.get(name);
    // A stage that changes no file is the one it starts from.
    return stage?.steps.length === 0 && stages.has(stage.base) ? root(stage.base) : join(places.into, name);
  };
  const environment = (stage: Stage) => ({
    // This run need not ask again for what the machine has fetched before; the hashes of the lock hold either way.
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    ...Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => fromTheMachine.test(entry[0])),
    ),
    ...Object.fromEntries(
      Object.entries(stage.env).map(([name, value]) => [
        name,
        value.startsWith('/') ? join(root(stage.name), value) : value,
      ]),
    ),
  });

  const copy = (stage: Stage, step: CopyStep) => {
    const base = step.from === undefined ? places.checkout : root(step.from);
    const target = join(root(stage.name), resolve(stage.workdir, step.target));
    for (const source of step.sources) {
      const from = join(base, source);
      // A filter makes the copy of a stage, which nothing is kept out of, six times as slow.
      const visible = step.from === undefined && ((path: string) => places.inContext(relative(base, path)));
      if (!existsSync(from) || (visible && !visible(from)))
        throw new Error(`COPY ${source}: there is no such file.`);
      const into =
        step.target.endsWith('/') && !statSync(from).isDirectory() ? join(target, basename(from)) : target;
      if (visible || !linked(from, into))
        cpSync(from, into, { recursive: true, ...(visible && { filter: visible }) });
    }
  };
  const run = (stage: Stage, { command }: RunStep) => {
    if (/(?:^|\s)\//.test(command))
      throw new Error(`RUN ${command}: an absolute path would be this machine's.`);
    const cwd = join(root(stage.name), stage.workdir);
    if (command === install && scaled(true, false) && linkedPackages(places.checkout, cwd)) return;
    const result = spawnSync('/bin/sh', ['-c', command], {
      cwd,
      env: environment(stage),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: runTimeoutMs,
    });
    if (result.status !== 0) throw new Error(`RUN ${command}:\n${result.stdout}${result.stderr}`);
  };

  for (const stage of stages.values()) {
    mkdirSync(join(root(stage.name), stage.workdir), { recursive: true });
    for (const step of stage.steps) step.kind === 'copy' ? copy(stage, step) : run(stage, step);
  }
  return { root, environment };
}

/** @returns whether the packages of the checkout are there now; the list of them, which npm writes into, as a copy */
function linkedPackages(checkout: string, folder: string): boolean {
  const [from, into] = [join(checkout, 'node_modules'), join(folder, 'node_modules')];
  const list = '.package-lock.json';
  if (!existsSync(join(from, list)) || !linked(from, into)) return false;
  rmSync(join(into, list));
  copyFileSync(join(from, list), join(into, list));
  return true;
}

/** Links a folder that is new there, where that can be done: nothing that is built writes into a file. */
function linked(from: string, into: string): boolean {
  if (existsSync(into) || !statSync(from).isDirectory()) return false;
  if (spawnSync('cp', ['-al', from, into], { stdio: 'ignore' }).status === 0) return true;
  rmSync(into, { recursive: true, force: true });
  return false;
}
