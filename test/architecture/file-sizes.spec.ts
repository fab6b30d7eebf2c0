import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { libNames, listFiles, root, testCode } from './source-files.js';

/** Lines. */
const limits = { median: 45, most: 150, mostInOneLib: 200, any: 250, anyTest: 350, scripts: 1700 };

interface Size {
  readonly path: string;
  readonly lines: number;
}

const everyFile = sizesOf(listFiles(['apps', 'libs', 'scripts', 'test'], ['.ts', '.tsx', '.mjs', '.sql']));
const product = everyFile.filter(({ path }) => !testCode.test(path));
const code = product.filter(({ path }) => !path.endsWith('.sql'));
const scripts = code
  .filter(({ path }) => path.startsWith('scripts/'))
  .reduce((sum, { lines }) => sum + lines, 0);

function sizesOf(paths: readonly string[]): Size[] {
  return paths
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length }))
    .sort((a, b) => a.lines - b.lines);
}

function at(sizes: readonly Size[], share: number): number {
  return sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))]?.lines ?? 0;
}

describe('files', () => {
  it('are small', () => {
    process.stdout.write(
      [
        `file sizes: ${code.length} files, median ${at(code, 0.5)} lines, 95th percentile ${at(code, 0.95)}; ` +
          `scripts/ ${scripts} lines`,
        ...code.slice(-10).map(({ path, lines }) => `  ${String(lines).padStart(4)} ${path}`),
        '',
      ].join('\n'),
    );
    expect(at(code, 0.5)).toBeLessThanOrEqual(limits.median);
    expect(at(code, 0.95)).toBeLessThanOrEqual(limits.most);
  });

  it.each(libNames)('are small in libs/%s', (lib) => {
    const ofLib = code.filter(({ path }) => path.startsWith(`libs/${lib}/`));
    expect(at(ofLib, 0.95)).toBeLessThanOrEqual(limits.mostInOneLib);
  });

  it('make up no second product in scripts/', () => {
    expect(scripts).toBeLessThanOrEqual(limits.scripts);
  });

  it('are nowhere too large to read', () => {
    expect(product.filter(({ lines }) => lines > limits.any)).toEqual([]);
    expect(everyFile.filter(({ lines }) => lines > limits.anyTest)).toEqual([]);
  });
});
