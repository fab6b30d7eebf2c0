import type { ProviderRequest } from '../issuers/issuer.js';
import { readParameters } from './form-body.js';
import { readRawBasic } from './raw-basic.js';

/** The client a request names in HTTP Basic, in its form or, at an authorization endpoint, in its query. */
export function namedClientId(request: ProviderRequest): string | undefined {
  const basic = readRawBasic(request.headers.authorization);
  if (typeof basic === 'object') return basic.id;
  return request.form?.get('client_id') ?? readParameters(request.query).get('client_id');
}
