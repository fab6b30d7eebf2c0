import { z } from 'zod';
import { clientIdField, clientSecretField, codeFlowSettings } from '#oauth-http';

export const credentialSchema = z.strictObject({
  client_id: clientIdField.regex(/^[^:]*$/, 'must not contain a colon').meta({
    title: 'Consumer key',
    description: 'Of the application in the developer portal. A colon would end it in HTTP Basic.',
  }),
  client_secret: clientSecretField.meta({
    title: 'Consumer secret',
    description: 'Of the application in the developer portal.',
  }),
});

export const settingsSchema = z.strictObject({
  revocation_path: z
    .string()
    .max(200)
    .regex(/^\/[\w.~-]+(?:\/[\w.~-]+)*\/?$/, 'must be a path, such as /revoke')
    .optional()
    .meta({
      title: 'Revocation path',
      description: 'Where tokens are revoked (RFC 7009), if anywhere: no page of the vendor names it.',
      examples: ['/revoke'],
    }),
  ...codeFlowSettings,
});

export const passwordFields = z.strictObject({
  username: z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u, 'must be 1 to 255 characters without line breaks')
    .meta({ title: 'User name', description: 'Of a VBC user; @vbc.prod is appended unless it is there.' }),
  password: z
    .string()
    .min(1)
    .max(1024)
    .meta({ title: 'Password', description: "That user's.", format: 'password', writeOnly: true }),
  keep_password: z.boolean().default(false).meta({
    title: 'Keep the password',
    description: 'Store it, encrypted, to get a new grant when this one has died. Otherwise it is used once.',
  }),
});
