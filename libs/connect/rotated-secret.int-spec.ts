import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Core,
  createCore,
  createTestDatabase,
  type RunningSandbox,
  type SandboxControl,
  sandboxControl,
  startSandbox,
  type TestDatabase,
} from '#testing';
import {
  ConnectionRepository,
  type Credential,
  CredentialRepository,
  TenantRepository,
  TokenRepository,
} from '#vault';
import { AuthorizationService } from './authorization.service.js';
import { BackchannelService } from './backchannel.service.js';
import { ConnectService } from './connect.service.js';
import { DisconnectService } from './disconnect.service.js';

const newKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

describe('a secret that the provider does not know yet', () => {
  let database: TestDatabase;
  let running: RunningSandbox;
  let sandbox: SandboxControl;
  let core: Core;
  let tenantId: string;
  let tenantSlug: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    running = await startSandbox();
    sandbox = sandboxControl(running.origin);
    core = await createCore({
      database,
      sandbox: running.origin,
      env: {
        GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*',
        GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify({ 'vonage-network': running.origin }),
      },
    });
    tenantSlug = `t-${randomBytes(5).toString('hex')}`;
    tenantId = (await core.get(TenantRepository).create({ slug: tenantSlug, name: tenantSlug })).id;
  });
  afterAll(async () => {
    await core.close();
    await running.close();
    await database.drop();
  });

  /** An application whose key is known to the provider, and its next key, which is not. */
  async function application(slug: string): Promise<Credential> {
    const [known, unknown] = [newKeys(), newKeys()];
    const clientId = randomUUID();
    const client = {
      provider: 'vonage-network',
      client_id: clientId,
      public_key: known.publicKey,
      redirect_uris: ['https://application.example/back'],
    };
    await fetch(`${sandbox.origin}/_control/clients`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(client),
    });
    const credential = await core.get(CredentialRepository).create(tenantId, {
      slug,
      provider: 'vonage-network',
      clientId,
      secret: { kind: 'private_key', value: known.privateKey },
      settings: {},
    });
    await core
      .get(CredentialRepository)
      .addSecret(tenantId, credential.id, { kind: 'private_key', value: unknown.privateKey });
    return credential;
  }

  const wanted = (slug: string, credential: Credential) => ({
    slug,
    credential,
    subject: '+15551234567',
    requestedScope: 'openid dpv:FraudPreventionAndDetection#check-sim-swap',
    renewal: 'on_demand' as const,
  });

  it('does not keep a phone from being asked', async () => {
    const credential = await application('ciba');
    const started = await core
      .get(BackchannelService)
      .start(tenantId, { ...wanted('ciba', credential), grant: 'ciba' });
    expect(started).toMatchObject({ kind: 'pending' });
  });

  it('does not keep a browser from being sent to the provider', async () => {
    const credential = await application('code');
    const { id } = await core.get(ConnectService).add(tenantId, {
      ...wanted('code', credential),
      grant: 'authorization_code',
      requestedScope: 'dpv:FraudPreventionAndDetection#number-verification-verify-read',
    });
    const connection = await core.get(ConnectionRepository).findById(tenantId, id);
    if (!connection) throw new Error('It was added.');
    const tenant = { id: tenantId, slug: tenantSlug };
    expect(await core.get(AuthorizationService).start(tenant, connection, { returnUrl: null })).toMatchObject(
      {
        kind: 'started',
      },
    );
  });

  it('does not leave a grant alive that is disconnected', async () => {
    const [clientId, known] = [randomUUID(), 'the secret that is known'];
    const client = { provider: 'generic-oauth2', client_id: clientId };
    await sandbox.register({ ...client, client_secret: known });
    const credential = await core.get(CredentialRepository).create(tenantId, {
      slug: 'generic',
      provider: client.provider,
      clientId,
      secret: { kind: 'client_secret', value: known },
      settings: {
        token_endpoint: `${sandbox.origin}/generic/token`,
        revocation_endpoint: `${sandbox.origin}/generic/revoke`,
      },
    });
    const refreshToken = await sandbox.grant({ ...client, user: 'somebody' });
    const result = await core.get(ConnectService).connect(
      tenantId,
      {
        ...wanted('generic', credential),
        grant: 'refresh_token',
        subject: null,
        requestedScope: null,
      },
      { grant: { type: 'refresh_token', refreshToken } },
    );
    if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    const accessToken = (await core.get(TokenRepository).read(tenantId, 'generic'))?.token?.accessToken ?? '';
    expect((await sandbox.judge(accessToken)).accepted).toBe(true);

    await core
      .get(CredentialRepository)
      .addSecret(tenantId, credential.id, { kind: 'client_secret', value: 'the next secret' });
    const connection = await core.get(ConnectionRepository).find(tenantId, 'generic');
    if (!connection) throw new Error('It was connected.');
    expect(await core.get(DisconnectService).disconnect(tenantId, connection)).toEqual({ removed: true });
    expect((await sandbox.judge(accessToken)).accepted).toBe(false);
  });
});
