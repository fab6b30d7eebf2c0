import type { FailureCode, TokenResponseContext } from '#provider-kit';

/** How a provider's answers deviate from RFC 6749 §5, as data. */
export interface ProviderDialect {
  /** Seconds, for an answer without a lifetime; null: such an answer is malformed, since a guess helps nobody. */
  readonly assumedLifetimeSeconds: number | null;
  /** True where the provider is known to leave `token_type` out. */
  readonly tokenTypeOptional?: boolean;
  /** The provider's own `error` or `code` values; they go before the shared ones. */
  readonly errorCodes?: Readonly<Record<string, FailureCode>>;
  /** Statuses that say more here than elsewhere; they go before any words. */
  readonly statusCodes?: Readonly<Record<number, FailureCode>>;
  /** Seconds a refresh token lives, for an answer that brings one and does not say. Default: the descriptor's. */
  readonly assumedRefreshLifetimeSeconds?: number | undefined;
}

export interface TokenResponseProfile extends ProviderDialect {
  readonly context: TokenResponseContext;
}
