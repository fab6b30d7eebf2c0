import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyTree, type SuiteResult, type TreeCopy } from '../support/tree-copy.js';
import { column } from './column.recipe.js';
import { event } from './event.recipe.js';
import { grant } from './grant.recipe.js';
import { provider } from './provider.recipe.js';

/** The last two have migrations: the database of this test run is older than the copy, and each suite migrates its own. */
const recipes = [grant, provider, column, event];

/** One after the other in one copy, which is type-checked once, and whose suites run together. */
describe('the recipes of CONTRIBUTING.md', () => {
  let tree: TreeCopy;
  const changed = new Map<string, string[]>();
  let results: ReadonlyMap<string, SuiteResult>;

  beforeAll(async () => {
    tree = copyTree();
    for (const { name, follow } of recipes) {
      follow(tree);
      changed.set(name, tree.changedFiles());
      tree.commit();
    }
    for (const { suite } of recipes) tree.write(suite.file, suite.text());
    results = await tree.runSuites(recipes.map(({ suite }) => suite.file));
  }, 300_000);
  afterAll(() => tree.remove());

  it.each(recipes)('$name changes no more than the files it names', ({ name, changes }) => {
    const places = (changed.get(name) ?? []).map((file) =>
      file.replace(/\/acme-telephony\/.*/, '/acme-telephony'),
    );
    expect([...new Set(places)]).toEqual(changes);
  });

  it.each(recipes)('$name works', ({ suite }) => {
    expect(results.get(suite.file)).toEqual({ passed: suite.tests, failed: '' });
  });

  it('leave nothing for the type checker', async () => {
    expect(await tree.typeErrors(['apps', 'libs'])).toBe('');
  }, 300_000);
});
