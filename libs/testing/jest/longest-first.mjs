/** Folders whose suites start processes and so last longest, the longest first. */
const long = [
  '/test/recipes/',
  '/test/e2e/',
  '/test/deploy/',
  '/test/crash/',
  '/test/integration/',
  '/test/flows/',
  '/test/security/',
];

/** Begins with the suites that last longest, so that no core is idle while one of them ends the run. */
export default class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => placeOf(a) - placeOf(b) || sizeOf(b) - sizeOf(a));
  }

  shard(tests, { shardIndex, shardCount }) {
    return this.sort(tests).filter((_, index) => index % shardCount === shardIndex - 1);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

function placeOf({ path }) {
  const index = long.findIndex((folder) => path.includes(folder));
  return index < 0 ? long.length : index;
}

/** Among suites of one kind the larger file lasts longer, more often than not. */
function sizeOf({ path, context }) {
  return context.hasteFS.getSize(path) ?? 0;
}
