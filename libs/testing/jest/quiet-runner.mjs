import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** It is a part of `jest`, from where it is found. */
const { default: run } = createRequire(require.resolve('jest'))('jest-circus/runner');

/**
 * Runs a suite without a message to the first process at the beginning and the end of each test: by them Jest would show
 * how many tests of a suite are over. It says what came of them at the end of the suite.
 */
export default function runQuietly(globalConfig, config, environment, runtime, path) {
  return run(globalConfig, config, environment, runtime, path);
}
