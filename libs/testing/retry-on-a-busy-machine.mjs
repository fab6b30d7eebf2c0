import { expect, jest } from '@jest/globals';

/**
 * The short versions of crash and end-to-end tests share two cores with two other suites: what has failed there once is
 * tried a second time, and the log shows why it failed before. The long versions are not.
 */
const { testPath = '' } = expect.getState();
if (/\/test\/(?:crash|e2e)\//.test(testPath) && process.env['GRANTKEEPER_TEST_SCALE'] !== 'long') {
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
}
