import { z } from 'zod';
import type { Credential, SecretVersion } from '#vault';
import { dryRunQuerySchema, flag, rfc3339, slug, timestamp } from '../http/common.schemas.js';
import { providerErrorSchema } from '../problem/problem.schemas.js';

/** Their rules are the provider's: see `credential_schema` and `settings_schema` of `GET /v1/providers`. */
const clientId = z.string().describe("By the provider's credential_schema.");
const secrets = {
  client_secret: z.string().optional().meta({ writeOnly: true, format: 'password' }),
  private_key: z.string().optional().meta({ writeOnly: true, format: 'password' }),
};
const settings = z.record(z.string(), z.unknown());

export const newCredentialSchema = z.strictObject({
  id: slug.optional().describe('Made up when absent.'),
  provider: z.string(),
  client_id: clientId,
  ...secrets,
  settings: settings.default({}).describe("By the provider's settings_schema."),
});
export type NewCredentialBody = z.output<typeof newCredentialSchema>;

const changeSecret =
  'Only beside a setting that needs it; from then on the only one of these client credentials.';

export const credentialChangeSchema = z.strictObject({
  client_id: clientId.optional(),
  client_secret: secrets.client_secret.describe(changeSecret),
  private_key: secrets.private_key.describe(changeSecret),
  settings: settings
    .optional()
    .describe(
      'Merged into what there is; null takes a setting away (RFC 7396). Changing where secrets are sent, or how the client authenticates, needs client_secret or private_key beside it.',
    ),
});
export type CredentialChangeBody = z.output<typeof credentialChangeSchema>;

export const newSecretSchema = z.strictObject(secrets);
export type NewSecretBody = z.output<typeof newSecretSchema>;

export const verifyQuerySchema = z.strictObject({
  verify: flag.default(false).describe('Try it against the provider before it is saved.'),
});
export type VerifyQuery = z.output<typeof verifyQuerySchema>;

export const creationQuerySchema = dryRunQuerySchema.extend(verifyQuerySchema.shape);
export type CreationQuery = z.output<typeof creationQuerySchema>;

export const credentialSchema = z.strictObject({
  id: slug,
  provider: z.string(),
  client_id: z.string(),
  settings,
  created_at: timestamp,
  updated_at: timestamp,
});

export const secretVersionsSchema = z.strictObject({
  items: z
    .array(
      z.strictObject({
        version: z.int().min(1),
        kind: z.enum(['client_secret', 'private_key', 'none']).describe('none: a client without a secret.'),
        proved_at: timestamp.nullable().describe('When the provider first accepted it; null until then.'),
      }),
    )
    .describe('Newest first.'),
});

export function secretVersionJson({ version, kind, provedAt }: SecretVersion) {
  return { version, kind, proved_at: rfc3339(provedAt) };
}

export const addedSecretSchema = z.strictObject({ version: z.int().min(1) });

export const verificationSchema = z.strictObject({
  ok: z.boolean().nullable(),
  reason: z.literal('not_verifiable').optional(),
  error: providerErrorSchema.extend({ remedy: z.string() }).optional(),
});

export function credentialJson(credential: Credential) {
  return {
    id: credential.slug,
    provider: credential.provider,
    client_id: credential.clientId,
    settings: credential.settings,
    created_at: rfc3339(credential.createdAt),
    updated_at: rfc3339(credential.updatedAt),
  };
}
