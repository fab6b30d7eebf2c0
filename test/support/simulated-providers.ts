import { createIssuers } from '../../apps/sandbox/issuers/issuer-list.js';

/** `GRANTKEEPER_PROVIDER_ENDPOINTS` with the sandbox as every provider but the generic one, whose address is a setting. */
export function endpointsAt(sandboxOrigin: string): string {
  const ids = createIssuers().map(({ id }) => id);
  const simulated = ids.filter((id) => id !== 'generic-oauth2');
  return JSON.stringify(Object.fromEntries(simulated.map((id) => [id, sandboxOrigin])));
}
