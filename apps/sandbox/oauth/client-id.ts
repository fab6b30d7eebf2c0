import type { ProviderRequest } from '../issuers/issuer.js';
import { readRawBasic } from './raw-basic.js';

/** The client a request names in HTTP Basic or in its form, believed or not. */
export function namedClientId(request: ProviderRequest): string | undefined {
  const basic = readRawBasic(request.headers.authorization);
  return typeof basic === 'object' ? basic.id : request.form?.get('client_id');
}
