import { fitsPrivateKey } from '#oauth-http';
import type { ProviderClient } from '#provider-kit';
import { resolveSettings } from './generic-oauth2.schemas.js';

/** The field of a client that contradicts its settings, for checks that need both; undefined when none does. */
export function findMisfit(client: ProviderClient): { field: string; message: string } | undefined {
  const { client_certificate: certificate, ...settings } = resolveSettings(client.settings);
  const { kind, value } = client.secret;
  if (certificate !== undefined && kind === 'private_key' && !fitsPrivateKey(certificate, value)) {
    return { field: 'settings.client_certificate', message: 'must be the certificate of the private_key' };
  }
  const methods = [
    settings.client_auth ?? 'client_secret_basic',
    ...Object.values(settings.client_auth_by_grant ?? {}),
  ];
  if (methods.includes('tls_client_auth')) {
    if (kind !== 'private_key') return { field: 'private_key', message: 'is required by tls_client_auth' };
    if (certificate === undefined) {
      return { field: 'settings.client_certificate', message: 'is required by tls_client_auth' };
    }
  }
  const inBasic = settings.basic_encoding === 'raw' && methods.includes('client_secret_basic');
  // RFC 7617 §2: the first colon ends the identifier.
  if (inBasic && client.clientId.includes(':')) {
    return {
      field: 'client_id',
      message:
        'must not contain a colon, at which HTTP Basic with settings.basic_encoding raw would cut it: use form, as RFC 6749 has it, or settings.client_auth client_secret_post',
    };
  }
  return undefined;
}
