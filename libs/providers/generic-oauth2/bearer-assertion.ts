import { signJwt } from '#oauth-http';
import { type Clock, type ProviderClient, type TokenGrant, UpstreamError } from '#provider-kit';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/** Seconds; an assertion is made for one request, and clocks may differ. */
const lifetimeSeconds = 120;

/**
 * The assertion of RFC 7523 §2.1, by which the client speaks for somebody.
 * @param url of the token endpoint, for which the assertion is unless the settings say otherwise
 * @throws UpstreamError `invalid_client`, unsent, when the credential has no private key that can sign it
 */
export function signAssertion(
  { clientId, secret }: ProviderClient,
  { subject }: Extract<TokenGrant, { type: 'jwt_bearer' }>,
  url: string,
  settings: GenericOauth2Settings,
  clock: Clock,
): Promise<string> {
  if (secret.kind !== 'private_key')
    throw new UpstreamError('invalid_client', false, 'The grant jwt_bearer needs a private_key.');
  return signJwt(
    {
      claims: { ...settings.assertion_claims, iss: clientId, sub: subject },
      audience: settings.assertion_audience ?? url,
      lifetimeSeconds,
      keyId: settings.client_assertion_kid,
      privateKey: secret.value,
      algorithm: settings.token_endpoint_auth_signing_alg,
    },
    clock,
  );
}
