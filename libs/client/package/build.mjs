// @ts-check
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Makes the package ready for `npm pack` in a folder, by default `dist-client` of the repository: once as ES modules,
 * once as CommonJS, each with its types.
 */
const here = import.meta.dirname;
const sources = resolve(here, '..');
const root = resolve(sources, '../..');
const out = resolve(process.argv[2] ?? join(root, 'dist-client'));
const tsc = join(root, 'node_modules/typescript-7/bin/tsc');

/** The second is checked no more: its code and its declarations are those of the first. */
const formats = {
  esm: ['--module', 'node20', '--declaration', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck'],
  cjs: ['--module', 'commonjs', '--moduleResolution', 'bundler', '--noCheck'],
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of ['package.json', 'README.md']) cpSync(join(here, name), join(out, name));
cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
for (const [format, options] of Object.entries(formats)) {
  const folder = join(out, 'dist', format);
  const target = ['--target', 'es2022', '--lib', 'es2022', '--types', 'node', '--ignoreConfig'];
  const files = ['--rootDir', sources, '--outDir', folder, join(sources, 'index.ts')];
  const argv = [tsc, '--singleThreaded', ...options, ...target, ...files];
  const { status, stdout } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build of the ${format} failed:\n${stdout}`);
  const type = format === 'esm' ? 'module' : 'commonjs';
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}
const [esm, cjs] = [join(out, 'dist/esm'), join(out, 'dist/cjs')];
for (const name of readdirSync(esm, { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.d.ts')) cpSync(join(esm, name), join(cjs, name));
}
process.stdout.write(
  `Ready to pack: ${JSON.parse(readFileSync(join(out, 'package.json'), 'utf8')).name} in ${out}\n`,
);
