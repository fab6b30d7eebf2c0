import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listFiles, root, sourceFiles } from './source-files.js';

const providers = join(root, 'libs/providers');
const ids = readdirSync(providers, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Where a provider may be named besides its own folder: what lists, simulates, demonstrates or tests it. */
const mayName = /^(?:libs\/providers\/provider-catalog\.module\.ts$|apps\/sandbox\/|scripts\/start\/)/;

describe('providers', () => {
  it('are there', () => {
    expect(ids.length).toBeGreaterThanOrEqual(3);
  });

  it.each(ids)('%s has the shape of all', (id) => {
    const files = readdirSync(join(providers, id));
    const wanted = ['adapter.ts', 'adapter.spec.ts', 'dialect.ts', 'module.ts', 'schemas.ts'].map(
      (role) => `${id}.${role}`,
    );
    expect(files).toEqual(expect.arrayContaining([...wanted, 'README.md']));
    // More files only of the same kind: its name, or kebab-case with a role; and presets, which are data.
    expect(
      files.filter((name) => !/^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*\.ts|README\.md|presets)$/.test(name)),
    ).toEqual([]);
  });

  it.each(ids)('%s is one line in the catalog, and its id the name of its folder', (id) => {
    const catalog = readFileSync(join(providers, 'provider-catalog.module.ts'), 'utf8');
    expect(catalog.split('\n').filter((line) => line.includes(`./${id}/${id}.module.js`)).length).toBe(1);
    expect(readFileSync(join(providers, id, `${id}.adapter.ts`), 'utf8')).toContain(`'${id}'`);
  });

  it.each(ids)('%s is named nowhere else', (id) => {
    const tests = new Set(sourceFiles.filter(({ isTest }) => isTest).map(({ path }) => path));
    const elsewhere = listFiles(['apps', 'libs', 'scripts'], ['.ts', '.mjs', '.js', '.json'])
      .filter((path) => !path.startsWith(`libs/providers/${id}/`) && !tests.has(path) && !mayName.test(path))
      .filter((path) => readFileSync(join(root, path), 'utf8').includes(id));
    expect(elsewhere).toEqual([]);
  });
});
