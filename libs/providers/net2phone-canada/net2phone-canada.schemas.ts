import { z } from 'zod';
import { clientIdField, clientSecretField, codeFlowSettings } from '#oauth-http';

export const credentialSchema = z.strictObject({
  client_id: clientIdField.meta({ title: 'Client id', description: 'From the developer portal.' }),
  client_secret: clientSecretField.meta({
    title: 'Client secret',
    description: 'From the developer portal.',
  }),
});

export const settingsSchema = z.strictObject({
  authorize_path: z
    .enum(['/api/oauth/authorize/', '/oauth/authorize/'])
    .default('/api/oauth/authorize/')
    .meta({
      title: 'Authorize path',
      description: "The vendor's page shows both; use the one your account's pages answer under.",
    }),
  refresh_client_auth: z.enum(['secret', 'id_only']).default('secret').meta({
    title: 'Client authentication on refresh',
    description:
      "secret: client_id and client_secret. id_only: client_id alone, as the vendor's own client does.",
  }),
  ...codeFlowSettings,
});
