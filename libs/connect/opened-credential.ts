import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  type ConnectionIdentity,
  PROVIDER_REGISTRY,
  type ProviderClient,
  type ProviderRegistry,
  type TokenProvider,
} from '#provider-kit';
import { type Credential, CredentialRepository } from '#vault';

export interface OpenedCredential {
  readonly provider: TokenProvider;
  readonly client: ProviderClient;
}

/** Brings a stored credential and its adapter together for one call. */
@Injectable()
export class CredentialOpener {
  constructor(
    private readonly credentials: CredentialRepository,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /** With the newest secret. */
  async open(tenantId: string, { id, provider, clientId, settings }: Credential): Promise<OpenedCredential> {
    const [secret] = await this.credentials.openSecrets(tenantId, id);
    if (!secret) throw new Error('A credential has no secret.');
    return { provider: this.registry.get(provider), client: { clientId, secret, settings } };
  }

  /** What only one connection of the tenant may ask for, as a SHA-256; null where connections do not disturb each other. */
  exclusiveKey(
    { provider: id, clientId, settings }: Credential,
    connection: ConnectionIdentity,
  ): Buffer | null {
    const key = this.registry.get(id).exclusiveKey?.({ clientId, settings }, connection) ?? null;
    return key === null
      ? null
      : createHash('sha256')
          .update(JSON.stringify([id, key]))
          .digest();
  }
}
