import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import Runtime from 'jest-runtime';
import { giveSharedModules, keepSharedModules } from './shared-modules.mjs';

const require = createRequire(import.meta.url);

/** Leaves packages to Node, which loads each once a worker, as Jest does with the modules of Node itself. */
export default class SharedPackagesRuntime extends Runtime {
  constructor(...jest) {
    super(...jest);
    const { _resolution: resolution, coreModule, cjsLoader } = this;

    const isCoreModule = resolution.isCoreModule.bind(resolution);
    resolution.isCoreModule = (name) => isPackage(withoutScheme(name)) || isCoreModule(name);

    const importCore = coreModule.require.bind(coreModule);
    coreModule.require = (name) => {
      const bare = withoutScheme(name);
      // The same file as an `import` gives: `require` may be offered another.
      return isPackage(bare) ? require(fileURLToPath(import.meta.resolve(bare))) : importCore(name);
    };

    const requireModule = cjsLoader.requireModule.bind(cjsLoader);
    cjsLoader.requireModule = (from, name, ...rest) =>
      name && isPackage(name) ? createRequire(from)(name) : requireModule(from, name, ...rest);

    giveSharedModules(this);
  }

  teardown() {
    keepSharedModules(this, this._config.rootDir);
    super.teardown();
  }
}

function isPackage(specifier) {
  return /^[@a-z][^:]*$/i.test(specifier) && specifier !== '@jest/globals' && !isBuiltin(specifier);
}

/** Jest names every module of Node with its scheme. */
function withoutScheme(name) {
  return name.replace(/^node:/, '');
}
