import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const built = join(import.meta.dirname, '../../dist/apps');

it('holds the bundled roles in ASCII, whose text takes half the memory', () => {
  const chunks = readdirSync(join(built, 'chunks')).map((name) => join('chunks', name));
  const files = ['api/main.js', 'worker/main.js', ...chunks];
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => /[^\0-\x7f]/.test(readFileSync(join(built, path), 'utf8')))).toEqual([]);
});
