import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { ProviderCall } from '#provider-kit';
import { parseObject } from './answer-body.js';
import type { TokenEndpointClient } from './token-endpoint.client.js';

export type IssuerKeys = ReturnType<typeof createLocalJWKSet>;

const freshForMs = 600_000;
/** A server that has just changed its keys is asked again, and not by every token meanwhile. */
const againAfterMs = 30_000;
const maxSets = 500;

/** The public keys of issuers (RFC 7517 §5), by the address where they are. */
export class IssuerKeysClient {
  private readonly cache = new Map<string, { readonly keys: IssuerKeys; readonly readAtMs: number }>();

  constructor(private readonly http: TokenEndpointClient) {}

  /**
   * @param isUnknown whether the keys of before lack the one that is looked for
   * @throws UpstreamError when they cannot be read
   * @throws Error when what is there is no set of keys
   */
  async keys(providerId: string, url: string, call: ProviderCall, isUnknown = false): Promise<IssuerKeys> {
    const name = `${providerId} ${url}`;
    const known = this.cache.get(name);
    const nowMs = this.http.clock.monotonicMs();
    if (known && nowMs < known.readAtMs + (isUnknown ? againAfterMs : freshForMs)) return known.keys;
    const response = await this.http.get({ providerId, url }, call);
    const set = response.status === 200 ? parseObject(response.body) : undefined;
    if (!set) throw new Error(`There is no set of keys at ${url}.`);
    const keys = createLocalJWKSet(set as unknown as JSONWebKeySet);
    this.cache.delete(name);
    this.cache.set(name, { keys, readAtMs: nowMs });
    const [oldest] = this.cache.keys();
    if (this.cache.size > maxSets && oldest !== undefined) this.cache.delete(oldest);
    return keys;
  }
}
