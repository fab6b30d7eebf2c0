import type { FailureCode, TokenGrant, TokenResponseContext } from '#provider-kit';

/** Turns an answer into a failure, before anything else is looked at. Every condition that is given must hold. */
export interface ErrorRule {
  readonly status?: number | undefined;
  /** Dot path of a member of the answer; without one, the words of the error are meant. */
  readonly path?: string | undefined;
  readonly equals?: string | number | boolean | undefined;
  /** In any case of its letters. */
  readonly contains?: string | undefined;
  readonly grant?: TokenGrant['type'] | undefined;
  readonly code: FailureCode;
}

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
  /** Dot path of the object that holds the tokens. Default: the answer itself. */
  readonly tokenPath?: string | undefined;
  /** Further values of `token_type` that mean a bearer token. */
  readonly tokenTypes?: readonly string[] | undefined;
  /** In which the answer counts its lifetimes. Default: seconds. */
  readonly expiresInUnit?: 's' | 'ms' | undefined;
  /** Dot path, from where the tokens are, of the instant at which the access token ends. */
  readonly expiresAtField?: string | undefined;
  /** Whether an access token without a lifetime does not expire. */
  readonly tokensNeverExpire?: boolean | undefined;
  /** Dot paths that may hold the error's word or number, before the usual places. */
  readonly errorPaths?: readonly string[] | undefined;
  /** Members of the answer that callers of the token need, by the name they get: dot paths. */
  readonly tokenFields?: Readonly<Record<string, string>> | undefined;
  /** More names that are kept with a grant, and come from elsewhere than the answer. */
  readonly callbackFields?: readonly string[] | undefined;
  /** Dot path of what identifies who has consented, where the answer itself says so. */
  readonly accountPath?: string | undefined;
  /** The first that matches decides. */
  readonly errorRules?: readonly ErrorRule[] | undefined;
}

export interface TokenResponseProfile extends ProviderDialect {
  readonly context: TokenResponseContext;
}
