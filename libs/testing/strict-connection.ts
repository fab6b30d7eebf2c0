import { randomBytes } from 'node:crypto';
import { ConnectService } from '#connect';
import { CredentialRepository, TenantRepository } from '#vault';
import type { Core } from './core.js';
import type { SandboxControl } from './sandbox-control.js';

const provider = 'generic-oauth2';
const secret = 'a secret of this client';

/** A new tenant with a connection of generation 1, whose provider takes every refresh token once. */
export async function connectStrictly(core: Core, sandbox: SandboxControl) {
  const clientId = `client-${randomBytes(5).toString('hex')}`;
  await sandbox.register({ provider, client_id: clientId, client_secret: secret });
  const tenant = await core.get(TenantRepository).create({ slug: clientId, name: clientId });
  const credential = await core.get(CredentialRepository).create(tenant.id, {
    slug: 'main',
    provider,
    clientId,
    secret: { kind: 'client_secret', value: secret },
    settings: { token_endpoint: `${sandbox.origin}/generic/token` },
  });
  const refreshToken = await sandbox.grant({ provider, client_id: clientId, user: 'somebody' });
  const wanted = {
    slug: 'main',
    credential,
    grant: 'refresh_token',
    subject: null,
    requestedScope: null,
    renewal: 'auto',
  } as const;
  const pendingGrant = { grant: { type: 'refresh_token', refreshToken } } as const;
  const result = await core.get(ConnectService).connect(tenant.id, wanted, pendingGrant);
  if (result.kind !== 'active') throw new Error(JSON.stringify(result));
  return { tenantId: tenant.id, connectionId: result.connection.id, clientId };
}
