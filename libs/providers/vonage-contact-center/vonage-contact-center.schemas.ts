import { z } from 'zod';
import { clientIdField, clientSecretField, commonSettings } from '#oauth-http';

export const credentialSchema = z.strictObject({
  client_id: clientIdField.regex(/^[^:]*$/, 'must not contain a colon').meta({
    title: 'Account key',
    description: 'The account key, called client_id on the wire. A colon would end it in HTTP Basic.',
  }),
  client_secret: clientSecretField.meta({
    title: 'API authentication token',
    description: 'The API authentication token, exactly as shown; it is encoded here where it must be.',
  }),
});

export const settingsSchema = z.strictObject({
  region: z
    .string()
    .regex(
      /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
      'must be emea, nam, apac or another single DNS label (letters, digits, hyphens; no dots)',
    )
    .meta({
      title: 'Region',
      description: 'The regional subdomain in front of cc.vonage.com: emea, nam, apac or another label.',
      examples: ['emea', 'nam', 'apac'],
    }),
  auth_generation: z.enum(['legacy', 'current']).default('legacy').meta({
    title: 'Authentication generation',
    description: 'legacy: /v0/oauth2/token. current: /Auth/connect/token, which requires a scope.',
  }),
  version: z
    .string()
    .regex(/^v\d{1,4}$/, 'must be v and a number, such as v0')
    .default('v0')
    .meta({ title: 'Version', description: 'First part of the path in the legacy generation.' }),
  client_auth: z.enum(['basic', 'body']).default('basic').meta({
    title: 'Client authentication',
    description: 'basic: Authorization header, recommended by the vendor. body: fields of the form.',
  }),
  ...commonSettings,
});

export type VonageContactCenterSettings = z.infer<typeof settingsSchema>;
