import { Inject, Injectable } from '@nestjs/common';
import {
  type ClientSecret,
  PROVIDER_REGISTRY,
  type ProviderClient,
  ProviderRegistry,
  type ProviderSettings,
  type TokenProvider,
} from '#provider-kit';
import { invalidField } from '../problem/problem.js';
import { validationProblem } from '../problem/validation-problem.js';

interface ClientFields {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  readonly private_key?: string | undefined;
}

/** Checks what an admin sends by the schemas of the provider it is for. */
@Injectable()
export class CredentialForm {
  constructor(@Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry) {}

  /** @throws Problem `invalid_request` naming `provider` */
  provider(id: string): TokenProvider {
    const provider = this.registry.find(id);
    if (!provider)
      throw invalidField('provider', 'is not a provider of this installation', 'See GET /v1/providers.');
    return provider;
  }

  /** @throws Problem `invalid_request` naming the fields */
  client(provider: TokenProvider, fields: ClientFields): { clientId: string; secret: ClientSecret } {
    const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const result = provider.descriptor.credentialSchema.safeParse(present);
    if (!result.success) throw validationProblem(result.error.issues);
    const { client_id: clientId, client_secret, private_key } = result.data;
    if (client_secret !== undefined)
      return { clientId, secret: { kind: 'client_secret', value: client_secret } };
    if (private_key !== undefined) return { clientId, secret: { kind: 'private_key', value: private_key } };
    return { clientId, secret: { kind: 'none', value: '' } };
  }

  /** @throws Problem `invalid_request` naming the fields */
  settings(provider: TokenProvider, settings: ProviderSettings): Record<string, unknown> {
    const result = provider.descriptor.settingsSchema.safeParse(settings);
    if (!result.success) throw validationProblem(result.error.issues, ['settings']);
    return { ...result.data };
  }

  /** @throws Problem `invalid_request` naming the field that contradicts another */
  assertFit(provider: TokenProvider, client: ProviderClient): void {
    const misfit = provider.findMisfit?.(client);
    if (misfit) throw invalidField(misfit.field, misfit.message);
  }
}

/** The fields under which a stored secret was posted. */
export function secretFields({ kind, value }: ClientSecret): Partial<ClientFields> {
  return kind === 'none' ? {} : { [kind]: value };
}
