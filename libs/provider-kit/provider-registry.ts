import { servesGrant } from './grants/grants.js';
import type { TokenProvider } from './token-provider.js';
import { UpstreamError } from './upstream-error.js';

/** Injection token under which the catalog hands its adapters to the libs that must not import them. */
export const PROVIDER_REGISTRY = Symbol('PROVIDER_REGISTRY');

export class ProviderRegistry {
  private readonly providers: ReadonlyMap<string, TokenProvider>;

  constructor(providers: readonly TokenProvider[]) {
    this.providers = new Map(
      providers.map((provider) => [provider.descriptor.id, refusingOtherGrants(provider)]),
    );
    if (this.providers.size !== providers.length) throw new Error('Two providers share an id.');
  }

  find(id: string): TokenProvider | undefined {
    return this.providers.get(id);
  }

  /** @throws Error for an id that a stored credential cannot have unless its adapter was removed */
  get(id: string): TokenProvider {
    const provider = this.providers.get(id);
    if (!provider) throw new Error(`No adapter for provider ${id} in this build.`);
    return provider;
  }

  list(): readonly TokenProvider[] {
    return [...this.providers.values()];
  }
}

/** The same provider, sent the grants it lists and no other: an adapter need not know which others there are. */
function refusingOtherGrants(provider: TokenProvider): TokenProvider {
  const sendTokenRequest: TokenProvider['sendTokenRequest'] = async (client, grant, call) => {
    if (servesGrant(provider.descriptor.grants, grant.type))
      return provider.sendTokenRequest(client, grant, call);
    const { id } = provider.descriptor;
    throw new UpstreamError('unsupported_grant_type', false, `${id} does not have the grant ${grant.type}.`);
  };
  const guarded: TokenProvider = Object.create(provider);
  return Object.assign(guarded, { sendTokenRequest });
}
