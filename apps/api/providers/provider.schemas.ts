import { z } from 'zod';
import { grants, grantTypes, type ProviderDescriptor } from '#provider-kit';

const jsonSchema = z.looseObject({}).describe('JSON Schema 2020-12.');

export const providerSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  documentation_url: z.string(),
  origin: z
    .string()
    .nullable()
    .describe(
      'Where its requests go; {name} is where the setting of that name goes. Null: as the settings say.',
    ),
  grants: z.array(z.enum(grantTypes)),
  lifetimes: z.strictObject({
    access_token_seconds: z.int().nullable(),
    refresh_token_seconds: z.int().nullable(),
  }),
  subject_fields: z
    .record(z.string(), z.string())
    .describe('By grant, which field of a new connection becomes its subject.'),
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
    origin: descriptor.origin ?? null,
    grants: descriptor.grants,
    lifetimes: {
      access_token_seconds: descriptor.lifetimes.accessTokenSeconds,
      refresh_token_seconds: descriptor.lifetimes.refreshTokenSeconds,
    },
    subject_fields: subjectFields(descriptor),
    credential_schema: toJsonSchema(descriptor.credentialSchema),
    settings_schema: toJsonSchema(descriptor.settingsSchema),
    rotation: descriptor.rotation,
    renewal_invalidates_previous: descriptor.renewalInvalidatesPrevious,
    ciba_reissue: descriptor.cibaReissue,
  };
}

function subjectFields(descriptor: ProviderDescriptor): Record<string, string> {
  const fields = descriptor.grants.map((grant) => {
    const { subjectField }: { readonly subjectField?: string } = grants[grant];
    return [grant, descriptor.subjectFields?.[grant] ?? subjectField] as const;
  });
  return Object.fromEntries(
    fields.flatMap(([grant, field]) => (field === undefined ? [] : [[grant, field]])),
  );
}

/** As an admin posts it: defaults not filled in yet. */
function toJsonSchema(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' });
}
