import { afterAll, beforeAll, describe } from '@jest/globals';
import { type Running, startInstallation } from '../support/installation.js';
import { ciba } from './oidc-ciba.js';
import { codeFlow } from './oidc-code-flow.js';
import { device } from './oidc-device.js';
import { clientCredentials } from './oidc-provider.js';
import { passwordGrant } from './password-grant.js';

/** Each grant has tenants of its own, and a server that was not written here; a worker only while it needs one. */
describe('generic-oauth2', () => {
  const running = {} as Running;

  beforeAll(async () => {
    const installation = await startInstallation();
    Object.assign(running, { installation, api: await installation.startApi() });
  }, 60_000);
  afterAll(() => running.installation?.close());

  describe('the code flow against oidc-provider', () => codeFlow(running));
  describe('client credentials against oidc-provider', () => clientCredentials(running));
  describe('a password against @node-oauth/oauth2-server', () => passwordGrant(running));
  describe('the code of a device against oidc-provider', () => device(running));
  describe('CIBA against oidc-provider, polled by whichever replica is alive', () => ciba(running));
});
