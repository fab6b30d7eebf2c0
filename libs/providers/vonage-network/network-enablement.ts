import {
  isObject,
  isSuccess,
  parseObject,
  readEmbeddedFailure,
  readFailure,
  type TokenResponseProfile,
} from '#oauth-http';
import type { AuthorizationOutcome, AuthorizationRequest, RawResponse } from '#provider-kit';
import type { VonageNetworkSettings } from './vonage-network.schemas.js';

/** Vendor page "Client Authentication", step 2, body parameters. */
export function networkEnablementBody(
  { scope, state, subject }: AuthorizationRequest,
  settings: VonageNetworkSettings,
): Readonly<Record<string, unknown>> {
  return { phone_number: subject, [settings.scopes_field]: scope?.split(' '), state };
}

/**
 * Its answer: one entry per scope, each either an address for the browser or an error of its own, within a 200.
 * @param allowsBrowser whether a browser may be sent to an address
 */
export function readNetworkEnablement(
  response: RawResponse,
  scope: string,
  profile: TokenResponseProfile,
  allowsBrowser: (address: string) => boolean,
): AuthorizationOutcome {
  const scopes = parseObject(response.body)?.['scopes'];
  // With the purpose as a scope of its own, the entry is that of the other.
  const name = scope.split(' ').find((each) => !/^dpv:[^#]*$/.test(each)) ?? scope;
  const entry = isSuccess(response) && isObject(scopes) && Object.hasOwn(scopes, name) && scopes[name];
  if (!isObject(entry)) return readFailure(response, profile);
  const { auth_url: address, requires_carrier_network: onCarrier } = entry;
  if (entry['error'] || typeof address !== 'string') {
    return readEmbeddedFailure(entry, response, profile) ?? malformed(response);
  }
  if (!allowsBrowser(address)) return malformed(response);
  const alternateState = stateOf(address);
  return {
    kind: 'redirect',
    authorizationUrl: address,
    ...(alternateState === undefined ? {} : { alternateState }),
    requiresCarrierNetwork: onCarrier === true || onCarrier === 'true',
  };
}

/** Theirs, not ours; which of the two comes back is not documented. Nothing else in the address is looked at. */
function stateOf(address: string): string | undefined {
  const [state, ...others] = new URL(address).searchParams.getAll('state');
  return state !== '' && others.length === 0 ? state : undefined;
}

function malformed({ status }: RawResponse): AuthorizationOutcome {
  return { kind: 'failed', failure: { code: 'malformed_response', class: 'unknown', status } };
}
