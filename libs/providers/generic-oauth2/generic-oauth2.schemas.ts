import { z } from 'zod';
import { clientIdField, clientSecretField, codeFlowSettings, endpointField } from '#oauth-http';

export const credentialSchema = z.strictObject({
  client_id: clientIdField.meta({ title: 'Client id', description: 'As registered at the server.' }),
  client_secret: clientSecretField.optional().meta({
    title: 'Client secret',
    description: 'Left out only where settings.client_auth is none.',
  }),
});

const endpoint = (title: string, description: string) =>
  endpointField.optional().meta({ title, description });

export const settingsSchema = z
  .strictObject({
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
    client_auth: z
      .enum(['client_secret_basic', 'client_secret_post', 'none'])
      .default('client_secret_basic')
      .meta({
        title: 'Client authentication',
        description: 'How the client proves itself at the token endpoint, in the terms of OpenID Connect.',
      }),
    resource: endpointField
      .optional()
      .meta({ title: 'Resource', description: 'The API the token is for, as its URL (RFC 8707).' }),
    audience: z.string().min(1).max(2048).optional().meta({
      title: 'Audience',
      description: 'The API the token is for, where the server knows it by this parameter.',
    }),
    ...codeFlowSettings,
  })
  .refine(({ issuer, token_endpoint }) => issuer !== undefined || token_endpoint !== undefined, {
    path: ['token_endpoint'],
    message: 'is required when there is no issuer to discover it from',
  });

export type GenericOauth2Settings = z.infer<typeof settingsSchema>;
