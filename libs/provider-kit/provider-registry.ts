import type { TokenProvider } from './token-provider.js';

/** Injection token under which the catalog hands its adapters to the libs that must not import them. */
export const PROVIDER_REGISTRY = Symbol('PROVIDER_REGISTRY');

export class ProviderRegistry {
  private readonly providers: ReadonlyMap<string, TokenProvider>;

  constructor(providers: readonly TokenProvider[]) {
    this.providers = new Map(providers.map((provider) => [provider.descriptor.id, provider]));
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
