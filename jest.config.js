/** One configuration for every suite; `test/run.ts` picks the folders. */
export default {
  testEnvironment: '<rootDir>/libs/testing/jest/one-realm.mjs',
  runtime: '<rootDir>/libs/testing/jest/shared-packages.mjs',
  testRunner: '<rootDir>/libs/testing/jest/quiet-runner.mjs',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testMatch: [
    '<rootDir>/{apps,libs}/**/*.spec.ts',
    '<rootDir>/{apps,libs}/**/*.int-spec.ts',
    '<rootDir>/test/**/*.spec.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/.runtime/', '<rootDir>/.data/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.runtime/'],
  globalSetup: '<rootDir>/libs/testing/jest/global-setup.mjs',
  testSequencer: '<rootDir>/libs/testing/jest/longest-first.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest/global-teardown.mjs',
  // One more than the cores of a small machine: many suites wait, for processes and for time to pass.
  maxWorkers: 3,
  // On a busy machine a worker needs more than the half second of the default to end.
  workerGracefulExitTimeout: 10_000,
  testTimeout: 30_000,
};
