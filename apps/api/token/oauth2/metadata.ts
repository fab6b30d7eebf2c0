import { z } from 'zod';
import { workloadAlgorithms } from '#access';
import { grantTypes } from './grant-types.js';

/** RFC 8414 §2. */
export const serverMetadataSchema = z.strictObject({
  issuer: z.url(),
  token_endpoint: z.url(),
  response_types_supported: z.array(z.string()).describe('None: there is no authorization endpoint.'),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).describe('Of a client_assertion.'),
  service_documentation: z.url(),
});
export type ServerMetadata = z.output<typeof serverMetadataSchema>;

export function serverMetadata(issuer: string, installation: string): ServerMetadata {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    response_types_supported: [],
    grant_types_supported: [...grantTypes.keys()],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: [...workloadAlgorithms],
    service_documentation: `${installation}/docs`,
  };
}
