import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BackchannelService } from '#connect';
import { eventually, useReplicas } from '#testing';
import { CredentialRepository } from '#vault';
import { Renewer } from '../renewer.js';

const provider = 'vonage-network';

const newKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

describe('a token that is asked for anew at the device', () => {
  const replicas = useReplicas();

  it('is asked for with the older key where the provider does not know the newest yet', async () => {
    const { origin } = replicas.sandbox();
    const core = await replicas.start({
      GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify({ [provider]: origin }),
    });
    const { id: tenantId } = replicas.tenant();
    const [known, unknown] = [newKeys(), newKeys()];
    const application = { provider, client_id: randomUUID(), public_key: known.publicKey };
    await fetch(`${origin}/_control/clients`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(application),
    });
    const credentials = core.get(CredentialRepository);
    const credential = await credentials.create(tenantId, {
      slug: 'network',
      provider,
      clientId: application.client_id,
      secret: { kind: 'private_key', value: known.privateKey },
      settings: {},
    });
    const started = await core.get(BackchannelService).start(tenantId, {
      slug: 'phone',
      credential,
      grant: 'ciba',
      subject: '+15551234567',
      requestedScope: 'openid dpv:FraudPreventionAndDetection#check-sim-swap',
      renewal: 'on_demand',
    });
    if (started.kind !== 'pending') throw new Error(JSON.stringify(started));
    const connectionId = started.connection.id;
    const renew = (generation: number) => core.get(Renewer).renew({ tenantId, connectionId, generation });
    await eventually(async () => expect(await renew(0)).toEqual({ kind: 'renewed' }), 15_000);

    await credentials.addSecret(tenantId, credential.id, { kind: 'private_key', value: unknown.privateKey });
    expect(await renew(1)).toMatchObject({ kind: 'pending' });
    await eventually(async () => expect(await renew(1)).toEqual({ kind: 'renewed' }), 15_000);
    await core.close();
  }, 45_000);
});
