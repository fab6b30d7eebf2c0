import { z } from 'zod';
import { endpointField } from '#oauth-http';

const endpoint = (title: string, description: string) =>
  endpointField.optional().meta({ title, description });

/** Where the server is: discovered, or said. */
export const endpointSettings = {
  issuer: endpointField
    .refine((url) => !url.includes('?'), 'must not have a query')
    .optional()
    .meta({
      title: 'Issuer',
      description: 'Its metadata (RFC 8414 or OpenID Connect) names the endpoints that are not given here.',
    }),
  token_endpoint: endpoint('Token endpoint', 'Required without an issuer.'),
  authorization_endpoint: endpoint('Authorization endpoint', 'For the code flow.'),
  backchannel_authentication_endpoint: endpoint('Backchannel authentication endpoint', 'For CIBA.'),
  revocation_endpoint: endpoint('Revocation endpoint', 'RFC 7009.'),
  jwks_uri: endpoint('JWKS URI', "The server's public keys."),
  authorization_response_iss_parameter_supported: z.boolean().optional().meta({
    title: 'Issuer in callbacks',
    description: 'Whether callbacks must name the issuer (RFC 9207). Default: what its metadata says.',
  }),
  resource: endpointField
    .optional()
    .meta({ title: 'Resource', description: 'The API the token is for, as its URL (RFC 8707).' }),
  audience: z.string().min(1).max(2048).optional().meta({
    title: 'Audience',
    description: 'The API the token is for, where the server knows it by this parameter.',
  }),
};
