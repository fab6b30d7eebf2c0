import {
  bodyClient,
  certificateThumbprints,
  fitsPrivateKey,
  formEncodedBasic,
  rawBasic,
  signJwt,
  signSharedSecretJwt,
  withLineBreaks,
} from '#oauth-http';
import { type Clock, type Form, type ProviderClient, UpstreamError } from '#provider-kit';
import type { ClientAuthMethod } from './client-auth.schemas.js';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/** In PEM. */
interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** The parts of a request that prove the client. Secret: they go into that request and nowhere else. */
export interface ClientAuthentication {
  readonly form: Form;
  readonly header: { readonly authorization?: string };
  /** RFC 8705 §2: shown in the handshake. */
  readonly clientCertificate?: ClientCertificate;
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
  client: ProviderClient,
  method: ClientAuthMethod,
  settings: GenericOauth2Settings,
  audience: () => Promise<string>,
  clock: Clock,
): Promise<ClientAuthentication> {
  const proof = await proofOf(client, method, settings, audience, clock);
  if (!settings.client_id_in_body) return proof;
  return { ...proof, form: { client_id: client.clientId, ...proof.form } };
}

async function proofOf(
  { clientId, secret }: ProviderClient,
  method: ClientAuthMethod,
  settings: GenericOauth2Settings,
  audience: () => Promise<string>,
  clock: Clock,
): Promise<ClientAuthentication> {
  // RFC 6749 §3.2.1: the identifier alone.
  if (method === 'none') return { form: { client_id: clientId }, header: {} };
  const needed = method.startsWith('client_secret') ? 'client_secret' : 'private_key';
  if (secret.kind !== needed) {
    throw new UpstreamError('invalid_client', false, `${method} needs a ${needed}.`);
  }
  const jwt = { lifetimeSeconds: jwtLifetimeSeconds, keyId: settings.client_assertion_kid };
  switch (method) {
    case 'client_secret_basic': {
      const basic = settings.basic_encoding === 'raw' ? rawBasic : formEncodedBasic;
      return { form: {}, header: { authorization: basic(clientId, secret.value) } };
    }
    case 'client_secret_post':
      return { form: bodyClient(clientId, secret.value), header: {} };
    case 'client_secret_jwt': {
      const assertion = { ...jwt, ...claimsOfItself(clientId), audience: await audience() };
      return asserted(
        clientId,
        await signSharedSecretJwt({ ...assertion, clientSecret: secret.value }, clock),
      );
    }
    case 'private_key_jwt': {
      const assertion = { ...jwt, ...claimsOfItself(clientId), audience: await audience() };
      return asserted(clientId, await signJwt({ ...assertion, ...keyOf(secret.value, settings) }, clock));
    }
    case 'tls_client_auth': {
      const { client_certificate: cert } = settings;
      if (cert === undefined)
        throw new UpstreamError(
          'invalid_client',
          false,
          'tls_client_auth needs settings.client_certificate.',
        );
      // RFC 8705 §2: the body names the client, for whom the server looks up the certificate.
      return {
        form: { client_id: clientId },
        header: {},
        clientCertificate: { cert: withLineBreaks(cert), key: withLineBreaks(secret.value) },
      };
    }
    case 'bearer_jwt': {
      const assertion = { ...jwt, claims: { [settings.bearer_jwt_client_claim]: clientId } };
      const signed = await signJwt({ ...assertion, ...keyOf(secret.value, settings) }, clock);
      return { form: {}, header: { authorization: `Bearer ${signed}` } };
    }
  }
}

/** RFC 7523 §3: the client speaks of itself. */
function claimsOfItself(clientId: string) {
  return { claims: { iss: clientId, sub: clientId } };
}

function asserted(clientId: string, assertion: string): ClientAuthentication {
  return {
    form: { client_id: clientId, client_assertion_type: assertionType, client_assertion: assertion },
    header: {},
  };
}

/** @throws UpstreamError `invalid_client` when the certificate is of another key: no server could verify the JWT */
function keyOf(privateKey: string, settings: GenericOauth2Settings) {
  const { client_certificate: certificate, token_endpoint_auth_signing_alg: algorithm } = settings;
  if (certificate !== undefined && !fitsPrivateKey(certificate, privateKey)) {
    throw new UpstreamError('invalid_client', false, 'The client certificate is of another key.');
  }
  const thumbprints = certificate === undefined ? undefined : certificateThumbprints(certificate);
  return { privateKey, algorithm, thumbprints };
}
