import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { type EgressOptions, GuardedHttpClient } from '#egress';
import { TokenEndpointClient } from '#oauth-http';

export type ClosableClient<T> = T & { close(): void };

const defaults: EgressOptions = {
  upstreamTimeoutMs: 5_000,
  providerEndpoints: {},
  egressAllow: ['http://127.0.0.1:*', 'https://127.0.0.1:*'],
};

export function guardedHttpClient(options: Partial<EgressOptions> = {}): ClosableClient<GuardedHttpClient> {
  const client = new GuardedHttpClient(new HttpService(axios.create()), { ...defaults, ...options });
  return Object.assign(client, { close: () => client.onApplicationShutdown() });
}

/** As the product composes it. `close` ends its idle sockets. */
export function tokenEndpointClient(
  options: Partial<EgressOptions> = {},
): ClosableClient<TokenEndpointClient> {
  const guarded = guardedHttpClient(options);
  const client = new TokenEndpointClient(guarded, { ...defaults, ...options });
  return Object.assign(client, { close: () => guarded.close() });
}
