import { describe, expect, it } from '@jest/globals';
import { ConnectService } from '#connect';
import { eventually } from '#testing';
import { CredentialRepository, PendingGrantRepository } from '#vault';
import { useReplicas } from './spec-support/replicas.js';

const provider = 'generic-oauth2';

describe('a new authorisation that comes while the grant before is being renewed', () => {
  const replicas = useReplicas({ GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*' });

  /** A grant whose refresh token can be spent once. */
  async function connect() {
    const { id: tenantId, clientId, clientSecret } = replicas.tenant();
    await replicas.sandbox().register({ provider, client_id: clientId, client_secret: clientSecret });
    const credential = await replicas
      .core()
      .get(CredentialRepository)
      .create(tenantId, {
        slug: 'generic',
        provider,
        clientId,
        secret: { kind: 'client_secret', value: clientSecret },
        settings: { token_endpoint: `${replicas.sandbox().origin}/generic/token` },
      });
    const result = await replicas
      .core()
      .get(ConnectService)
      .connect(
        tenantId,
        {
          slug: 'generic',
          credential,
          grant: 'refresh_token',
          subject: null,
          requestedScope: null,
          renewal: 'on_demand',
        },
        { grant: await newGrant() },
      );
    if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    return { tenantId, connectionId: result.connection.id, generation: 1 };
  }

  async function newGrant() {
    const { clientId } = replicas.tenant();
    const refreshToken = await replicas.sandbox().grant({ provider, client_id: clientId, user: 'somebody' });
    return { type: 'refresh_token', refreshToken } as const;
  }

  it('is not lost when that one turns out to have ended', async () => {
    const target = await connect();
    const { clientId } = replicas.tenant();
    await replicas.sandbox().revokeGrants(clientId);
    const { arrived } = await replicas.sandbox().counts(clientId);
    await replicas.sandbox().rule({ respond_delay_ms: 500 });
    const renewing = replicas.renewer().renew(target);
    await eventually(async () =>
      expect((await replicas.sandbox().counts(clientId)).arrived).toBe(arrived + 1),
    );
    await replicas
      .core()
      .get(PendingGrantRepository)
      .put(target.tenantId, target.connectionId, {
        contents: { grant: await newGrant() },
        intervalSeconds: null,
        expiresInSeconds: 60,
        dueInSeconds: 20,
      });
    const { nextRenewalAt } = await replicas.stored('generic');
    expect(await renewing).toMatchObject({ kind: 'ended', failure: { code: 'invalid_grant' } });
    // The worker would still take it over, had its process died.
    expect((await replicas.stored('generic')).nextRenewalAt).toEqual(nextRenewalAt);
    expect(await replicas.renewer().renew(target)).toEqual({ kind: 'renewed' });
    expect(await replicas.stored('generic')).toMatchObject({ status: 'active', generation: 2 });
  });
});
