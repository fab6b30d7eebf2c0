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
  refresh_endpoint: endpoint(
    'Refresh endpoint',
    'For refresh tokens, where the server takes them at an address of their own.',
  ),
  authorization_endpoint: endpoint('Authorization endpoint', 'For the code flow.'),
  backchannel_authentication_endpoint: endpoint('Backchannel authentication endpoint', 'For CIBA.'),
  device_authorization_endpoint: endpoint('Device authorization endpoint', 'RFC 8628.'),
  revocation_endpoint: endpoint('Revocation endpoint', 'RFC 7009.'),
  introspection_endpoint: endpoint('Introspection endpoint', 'RFC 7662: whether a grant lives.'),
  userinfo_endpoint: endpoint('Userinfo endpoint', 'OpenID Connect: who has consented.'),
  probe_url: endpoint(
    'Probe URL',
    'An address of the API that answers a GET with success as long as the access token is good.',
  ),
  jwks_uri: endpoint('JWKS URI', "The server's public keys."),
  authorization_response_iss_parameter_supported: z.boolean().optional().meta({
    title: 'Issuer in callbacks',
    description: 'Whether callbacks must name the issuer (RFC 9207). Default: what its metadata says.',
  }),
  resource: z
    .string()
    .max(2048)
    .refine((uri) => /^[a-z][a-z\d+.-]*:[\x21-\x7e]+$/i.test(uri) && !uri.includes('#'), {
      message: 'must be an absolute URI without a fragment',
    })
    .optional()
    .meta({ title: 'Resource', description: 'The API the token is for, as an absolute URI (RFC 8707).' }),
  audience: z.string().min(1).max(2048).optional().meta({
    title: 'Audience',
    description: 'The API the token is for, where the server knows it by this parameter.',
  }),
};
