import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const suite = /\.(int-)?spec\.ts$/;
const packages = `${sep}node_modules${sep}`;
const jestGlobals = '@jest/globals/';

/** All that Jest has to know of each module, by the key that its registry has for it. */
const shared = new Map();
/** Files that belong to a suite: they use the functions of its Jest, or import a file that does. */
const ofOneSuite = new Set();
/** Of the suite that runs. */
let current;

/**
 * The modules of this repository that are not suites are loaded once a worker, as a process of the product loads them
 * once: loading them takes longer than most suites do. Their state lasts from suite to suite, like that of a process
 * in which one instance of an application follows another.
 */
export function giveSharedModules(runtime) {
  current = runtime.esmLoader;
  const ownImport = current.dynamicImport;
  // A module outlives the suite that has loaded it first: it imports for the one that runs.
  current.dynamicImport = (...request) =>
    runtime.esmLoader === current ? ownImport(...request) : current.dynamicImport(...request);
  for (const [key, { module, path, sourceMap }] of shared) {
    runtime.registries.esModuleRegistry.set(key, module);
    if (sourceMap !== undefined) runtime.getSourceMaps().set(path, sourceMap);
  }
}

/** Keeps for the next suites what this one has loaded. */
export function keepSharedModules(runtime, root) {
  const registry = runtime.registries.esModuleRegistry;
  const candidates = new Map();
  for (const [key, module] of registry) {
    if (key.startsWith(jestGlobals)) ofOneSuite.add(key.slice(jestGlobals.length));
    if (shared.has(key) || !key.startsWith('file:') || key.includes('?') || module.status !== 'evaluated')
      continue;
    const path = fileURLToPath(key);
    if (!path.startsWith(root + sep) || path.includes(packages) || suite.test(path)) continue;
    candidates.set(path, { key, module, path, sourceMap: runtime.getSourceMaps().get(path) });
  }
  const importsOf = ({ module, path }) =>
    (module.moduleRequests ?? [])
      .filter(({ specifier }) => /^[.#]/.test(specifier))
      .map(({ specifier }) => runtime._resolution.resolveEsm(path, specifier));
  for (let before = -1; before !== ofOneSuite.size; ) {
    before = ofOneSuite.size;
    for (const [path, candidate] of candidates) {
      if (importsOf(candidate).some((file) => ofOneSuite.has(file))) ofOneSuite.add(path);
      if (ofOneSuite.has(path)) candidates.delete(path);
    }
  }
  for (const candidate of candidates.values()) shared.set(candidate.key, candidate);
}
