import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  type ConnectionIdentity,
  PROVIDER_REGISTRY,
  type ProviderClient,
  type ProviderRegistry,
  type TokenProvider,
} from '#provider-kit';
import { withEachSecret } from '#renewal';
import { type Credential, CredentialRepository } from '#vault';

export interface OpenedCredential {
  readonly provider: TokenProvider;
  /** A request that names the client; with an older secret where the provider does not know the newest yet. */
  ask<Answer>(request: (client: ProviderClient) => Promise<Answer>): Promise<Answer>;
}

/** Brings a stored credential and its adapter together for one call. */
@Injectable()
export class CredentialOpener {
  constructor(
    private readonly credentials: CredentialRepository,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  async open(credential: Credential): Promise<OpenedCredential> {
    const { provider, clientId, settings } = credential;
    const secrets = await this.credentials.openSecrets(credential);
    return {
      provider: this.registry.get(provider),
      ask: (request) => withEachSecret(secrets, (secret) => request({ clientId, secret, settings })),
    };
  }

  /** SHA-256 of what only one connection of a tenant may ask for; null where connections do not disturb each other. */
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
