import { signJwt } from '#oauth-http';
import { type Clock, type ProviderClient, UpstreamError } from '#provider-kit';

/** As the vendor's own libraries have it; Vonage honours none for longer than 24 h. */
const lifetimeSeconds = 15 * 60;

/**
 * How a Vonage application proves itself, on every call: a JWT of its own as the bearer token, instead of client id
 * and secret (vendor page "Network API Authentication", "Generate a JWT"). Each is used for one request.
 * @throws UpstreamError `invalid_client`, unsent, without a private key that can sign
 */
export async function applicationBearer(
  { clientId, secret }: Pick<ProviderClient, 'clientId' | 'secret'>,
  clock: Clock,
): Promise<string> {
  if (secret.kind !== 'private_key') {
    throw new UpstreamError('invalid_client', false, 'This provider needs a private_key.');
  }
  const jwt = await signJwt(
    {
      claims: { application_id: clientId },
      lifetimeSeconds,
      privateKey: secret.value,
      algorithm: 'RS256',
    },
    clock,
  );
  return `Bearer ${jwt}`;
}
