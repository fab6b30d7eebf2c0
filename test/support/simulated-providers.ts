import { simulatedProviders } from '../../apps/sandbox/issuers/issuer-list.js';

/** `GRANTKEEPER_PROVIDER_ENDPOINTS` with the sandbox as every provider that it stands in for. */
export function endpointsAt(sandboxOrigin: string): string {
  return JSON.stringify(Object.fromEntries(simulatedProviders().map((id) => [id, sandboxOrigin])));
}
