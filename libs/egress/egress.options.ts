import type { LookupFunction } from 'node:net';
import type { Clock } from '#provider-kit';

/** Injection token of `EgressOptions`; supplied once by the app, see `OauthHttpModule.forRootAsync`. */
export const EGRESS_OPTIONS = Symbol('OAUTH_HTTP_OPTIONS');

export interface EgressOptions {
  /** Upper bound of one call whatever deadline its caller brings, in milliseconds. */
  readonly upstreamTimeoutMs: number;
  /** Provider id → origin that takes the place of the vendor's; path and query stay. */
  readonly providerEndpoints: Readonly<Record<string, string>>;
  /** `scheme://host[:port or *]`, exempt from the https and public-address rules. */
  readonly egressAllow: readonly string[];
  /** Whether providers get the `traceparent` of the trace in which they are asked; default no. */
  readonly traceparentToProviders?: boolean;
  /** Default: the system's. Simulations bring their own. */
  readonly clock?: Clock;
  /** Name resolution; default DNS, the operating system's for exempt origins. Its answers are checked either way. */
  readonly lookup?: LookupFunction;
}
