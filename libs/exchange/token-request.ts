import {
  type Clock,
  type ProviderClient,
  type ProviderFailure,
  type TokenGrant,
  type TokenProvider,
  type TokenSet,
} from '#provider-kit';

export type TokenRequestResult =
  | { readonly tokens: TokenSet; readonly sentAtMs: number }
  /** CIBA: the user has not answered yet. */
  | { readonly slowDown: boolean; readonly intervalSeconds?: number }
  | { readonly failure: ProviderFailure };

/**
 * Asks the provider once per client secret, the newest first: the next one is tried only where the provider says that
 * the secret was wrong, for then it has not looked at the grant.
 * @throws UpstreamError
 */
export async function requestTokens(
  provider: TokenProvider,
  client: Omit<ProviderClient, 'secret'>,
  secrets: readonly ProviderClient['secret'][],
  grant: TokenGrant,
  timing: { readonly clock: Clock; readonly deadlineMonotonicMs: number },
): Promise<TokenRequestResult> {
  let failure: ProviderFailure | undefined;
  for (const secret of secrets) {
    const sentAtMs = timing.clock.monotonicMs();
    const response = await provider.sendTokenRequest({ ...client, secret }, grant, timing);
    const outcome = provider.readTokenResponse(response, {
      grant: grant.type,
      client: { ...client, secret },
    });
    if (outcome.kind === 'tokens') return { tokens: outcome.tokens, sentAtMs };
    if (outcome.kind === 'pending') return outcome;
    failure = outcome.failure;
    if (failure.code !== 'invalid_client') break;
  }
  return {
    failure: mendable(failure ?? { code: 'invalid_client', class: 'configuration', status: 0 }, grant),
  };
}

/** No user gave client credentials their grant, so none can give it again: whatever ended it, an admin mends it. */
function mendable(failure: ProviderFailure, grant: TokenGrant): ProviderFailure {
  if (grant.type !== 'client_credentials' || failure.class !== 'terminal') return failure;
  return { ...failure, code: 'unauthorized_client', class: 'configuration' };
}
