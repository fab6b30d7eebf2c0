import { z } from 'zod';
import { grantTypes } from './token-endpoint.js';

/** RFC 8414 §2. */
export const serverMetadataSchema = z.strictObject({
  issuer: z.url(),
  token_endpoint: z.url(),
  response_types_supported: z.array(z.string()).describe('None: there is no authorization endpoint.'),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  service_documentation: z.url(),
});
export type ServerMetadata = z.output<typeof serverMetadataSchema>;

export function serverMetadata(issuer: string, installation: string): ServerMetadata {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    response_types_supported: [],
    grant_types_supported: [...grantTypes],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    service_documentation: `${installation}/docs`,
  };
}
