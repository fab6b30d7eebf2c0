import { z } from 'zod';
import { grantTypes, type ProviderDescriptor } from '#provider-kit';

const jsonSchema = z.looseObject({}).describe('JSON Schema 2020-12.');

export const providerSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  documentation_url: z.string(),
  grants: z.array(z.enum(grantTypes)),
  lifetimes: z.strictObject({
    access_token_seconds: z.int().nullable(),
    refresh_token_seconds: z.int().nullable(),
  }),
  credential_schema: jsonSchema,
  settings_schema: jsonSchema,
  rotation: z.enum(['none', 'grace', 'confirm_on_use', 'strict']),
  renewal_invalidates_previous: z.boolean(),
  ciba_reissue: z.boolean(),
});

export const providerListSchema = z.strictObject({
  items: z.array(providerSchema),
  next_cursor: z.null(),
});

export function providerJson(descriptor: ProviderDescriptor) {
  return {
    id: descriptor.id,
    name: descriptor.name,
    documentation_url: descriptor.documentationUrl,
    grants: descriptor.grants,
    lifetimes: {
      access_token_seconds: descriptor.lifetimes.accessTokenSeconds,
      refresh_token_seconds: descriptor.lifetimes.refreshTokenSeconds,
    },
    credential_schema: toJsonSchema(descriptor.credentialSchema),
    settings_schema: toJsonSchema(descriptor.settingsSchema),
    rotation: descriptor.rotation,
    renewal_invalidates_previous: descriptor.renewalInvalidatesPrevious,
    ciba_reissue: descriptor.cibaReissue,
  };
}

/** As an admin posts it: defaults not filled in yet. */
function toJsonSchema(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' });
}
