import { describe, expect, it } from '@jest/globals';
import { sourceFiles } from './source-files.js';

const mostLines = 350;

const bySize = (files: typeof sourceFiles) =>
  files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .sort((a, b) => a.lines - b.lines);

const at = (sizes: readonly { lines: number }[], share: number) =>
  sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))]?.lines ?? 0;

describe('files', () => {
  const sizes = bySize(sourceFiles.filter(({ isTest }) => !isTest));

  it('are small', () => {
    const largest = sizes.slice(-10).reverse();
    process.stdout.write(
      `file sizes: ${sizes.length} files, median ${at(sizes, 0.5)} lines, 95th percentile ${at(sizes, 0.95)}\n` +
        `${largest.map(({ path, lines }) => `  ${String(lines).padStart(4)} ${path}`).join('\n')}\n`,
    );
    expect(at(sizes, 0.5)).toBeLessThanOrEqual(80);
    expect(at(sizes, 0.95)).toBeLessThanOrEqual(220);
  });

  it('are nowhere too large to read, tests included', () => {
    expect(bySize(sourceFiles).filter(({ lines }) => lines > mostLines)).toEqual([]);
  });
});
