import { randomBytes } from 'node:crypto';
import { type ConnectResult, ConnectService } from '#connect';
import { type Connection, type Credential, CredentialRepository, TenantRepository } from '#vault';
import type { Core } from './core.js';
import type { SandboxControl } from './sandbox-control.js';

/** A tenant with one credential, whose client nobody else of the sandbox uses. */
export interface TestTenant {
  readonly id: string;
  readonly slug: string;
  readonly credential: Credential;
  readonly provider: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export async function createTenant(core: Core, sandbox: SandboxControl): Promise<TestTenant> {
  const slug = `t-${randomBytes(5).toString('hex')}`;
  const client = {
    provider: 'vonage-contact-center',
    clientId: `client-${slug}`,
    clientSecret: `${randomBytes(24).toString('base64')}+/=`,
  };
  await sandbox.register({
    provider: client.provider,
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
  const { id } = await core.get(TenantRepository).create({ slug, name: slug });
  const credential = await core.get(CredentialRepository).create(id, {
    slug: 'main',
    provider: client.provider,
    clientId: client.clientId,
    secret: { kind: 'client_secret', value: client.clientSecret },
    settings: { region: 'emea' },
  });
  return { id, slug, credential, ...client };
}

/** Connects by client credentials; a connection of generation 1 unless the sandbox was told otherwise. */
export async function connectClient(core: Core, tenant: TestTenant, slug = 'main'): Promise<Connection> {
  const result: ConnectResult = await core.get(ConnectService).connect(tenant.id, {
    slug,
    credential: tenant.credential,
    grant: 'client_credentials',
    subject: null,
    requestedScope: null,
    renewal: 'eager',
  });
  if (result.kind !== 'active') throw new Error(`Expected a connection, got ${JSON.stringify(result)}.`);
  return result.connection;
}
