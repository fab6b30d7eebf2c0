import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Node of the tests, and one of version 20 to 22 where the machine has it: the oldest that the package is for. */
export const nodes: readonly string[] = [process.execPath, ...oldNodes().slice(0, 1)];

/** Of an outside project for its types: none is a dependency of the package. */
const known = ['@types/node', 'undici-types', 'axios', 'undici'];

/** A project in a temporary folder that has `@grantkeeper/client` from its tarball, without network. */
export class OutsideProject {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<OutsideProject> {
    const folder = mkdtempSync(join(tmpdir(), 'gk-outside-'));
    const project = new OutsideProject(folder);
    const packed = join(folder, 'packed');
    await run(process.execPath, ['libs/client/package/build.mjs', packed]);
    await project.npm('pack', packed);
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    rmSync(packed, { recursive: true });
    project.write('package.json', JSON.stringify({ name: 'outside', private: true }));
    await project.npm('install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
    await run('mkdir', ['-p', join(folder, 'node_modules/@types')]);
    for (const name of known) symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
    return project;
  }

  /** @returns the name */
  write(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text);
    return name;
  }

  /** @returns its standard output */
  async run(node: string, argv: readonly string[], environment: Record<string, string>): Promise<string> {
    return (await run(node, argv, { cwd: this.folder, env: { ...process.env, ...environment } })).stdout;
  }

  /** @returns the findings of the compiler */
  async typecheck(module: string, files: readonly string[]): Promise<string> {
    const checks = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--types',
      'node',
      '--module',
      module,
    ];
    const argv = [resolve('node_modules/typescript-7/bin/tsc'), '--singleThreaded', ...checks, ...files];
    const { stdout } = await run(process.execPath, argv, { cwd: this.folder }).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  }

  manifest(): Record<string, unknown> {
    return JSON.parse(
      readFileSync(join(this.folder, 'node_modules/@grantkeeper/client/package.json'), 'utf8'),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private async npm(...argv: string[]): Promise<void> {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, argv, { cwd: this.folder });
  }
}

function oldNodes(): string[] {
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return found.filter(
    (node) => existsSync(node) && /^v2[0-2]\./.test(execFileSync(node, ['--version'], { encoding: 'utf8' })),
  );
}
