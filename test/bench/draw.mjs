import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { picture } from './picture.mjs';

/**
 * Writes a picture of what was measured where `BENCH_PICTURES=1` wants it: a run for its own sake changes no file.
 *
 * @param {string} name
 * @param {Parameters<typeof picture>[0]} chart
 */
export function draw(name, chart) {
  if (process.env.BENCH_PICTURES !== '1') return;
  const path = fileURLToPath(new URL(`../../docs/images/${name}`, import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, picture(chart));
}
