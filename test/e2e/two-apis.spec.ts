import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { drain } from './drain.js';
import { oneRequest } from './one-request.js';

/** In one installation: the last one stops the second api. */
describe('two api processes', () => {
  const running = {} as { installation: Installation; apis: Api[] };

  beforeAll(async () => {
    running.installation = await startInstallation({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '4000' });
    running.apis = await Promise.all([running.installation.startApi(), running.installation.startApi()]);
  }, 180_000);
  afterAll(() => running.installation?.close());

  describe('and one expired token', () => oneRequest(running));
  describe('told to stop in the middle of a slow upstream call', () => drain(running));
});
