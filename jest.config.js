/** One configuration for every suite; `scripts/test.ts` picks the folders. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^rxjs(/operators)?$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    // Of the translations of zod, sixty files that each suite would load, nobody reads any but the English one.
    '^\\.\\./locales/index\\.js$': '<rootDir>/node_modules/zod/v4/locales/en.js',
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
  globalSetup: '<rootDir>/libs/testing/jest-global-setup.mjs',
  testSequencer: '<rootDir>/libs/testing/longest-first.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest-global-teardown.mjs',
  maxWorkers: 2,
  testTimeout: 30_000,
};
