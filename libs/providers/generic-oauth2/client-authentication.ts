import { bodyClient, formEncodedBasic, rawBasic, signJwt } from '#oauth-http';
import { type Clock, type Form, type ProviderClient, UpstreamError } from '#provider-kit';
import type { ClientAuthMethod } from './client-auth.schemas.js';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/** What of a request proves the client. A secret: it goes into that request and nowhere else. */
export interface ClientAuthentication {
  readonly form: Form;
  readonly header: { readonly authorization?: string };
}

/** Seconds; a JWT is made for one request, and clocks may differ. */
const jwtLifetimeSeconds = 120;

/** RFC 7523 §2.2. */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * @param audience what a client assertion is for
 * @throws UpstreamError `invalid_client`, unsent, when the credential lacks what the method needs
 */
export async function authenticateClient(
  { clientId, secret }: ProviderClient,
  method: ClientAuthMethod,
  settings: GenericOauth2Settings,
  audience: () => Promise<string>,
  clock: Clock,
): Promise<ClientAuthentication> {
  // RFC 6749 §3.2.1: the identifier alone.
  if (method === 'none') return { form: { client_id: clientId }, header: {} };
  const needed = method === 'private_key_jwt' || method === 'bearer_jwt' ? 'private_key' : 'client_secret';
  if (secret.kind !== needed) {
    throw new UpstreamError('invalid_client', false, `${method} needs a ${needed}.`);
  }
  const jwt = {
    lifetimeSeconds: jwtLifetimeSeconds,
    privateKey: secret.value,
    algorithm: settings.token_endpoint_auth_signing_alg,
    keyId: settings.client_assertion_kid,
  };
  switch (method) {
    case 'client_secret_basic': {
      const basic = settings.basic_encoding === 'raw' ? rawBasic : formEncodedBasic;
      return { form: {}, header: { authorization: basic(clientId, secret.value) } };
    }
    case 'client_secret_post':
      return { form: bodyClient(clientId, secret.value), header: {} };
    case 'private_key_jwt': {
      // RFC 7523 §3: the client speaks of itself.
      const claims = { iss: clientId, sub: clientId };
      const assertion = await signJwt({ ...jwt, claims, audience: await audience() }, clock);
      return {
        form: { client_id: clientId, client_assertion_type: assertionType, client_assertion: assertion },
        header: {},
      };
    }
    case 'bearer_jwt': {
      const claims = { [settings.bearer_jwt_client_claim]: clientId };
      return { form: {}, header: { authorization: `Bearer ${await signJwt({ ...jwt, claims }, clock)}` } };
    }
  }
}
