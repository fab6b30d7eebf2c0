import { z } from 'zod';

const text = z.string().min(1);

/** Where a secret is: a file has none in it. */
export const secretReference = z.union(
  [z.strictObject({ secret_file: text }), z.strictObject({ secret_env: text })],
  { error: 'must be {secret_file: <path>} or {secret_env: <name>}, never the secret itself' },
);
export type SecretReference = z.output<typeof secretReference>;

const credential = z.strictObject({
  id: text,
  provider: text,
  client_id: text,
  client_secret: secretReference.optional(),
  private_key: secretReference.optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
});
export type DeclaredCredential = z.output<typeof credential>;

const connection = z.strictObject({
  id: text,
  credential: text,
  grant: text,
  subject: text.optional(),
  scope: text.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  renewal: text.optional(),
  paused: z.boolean().optional(),
  return_url: text.optional(),
  phone_number: text.optional(),
  login_hint: text.optional(),
  assertion_subject: text.optional(),
  username: z.union([text, secretReference]).optional(),
  password: secretReference.optional(),
  keep_password: z.boolean().optional(),
  refresh_token: secretReference.optional(),
});
export type DeclaredConnection = z.output<typeof connection>;

const webhook = z.strictObject({
  url: text,
  description: text.nullish(),
  events: z.array(text).nullish(),
  /** Written, for it is shown once, when the webhook is made. */
  secret_to_file: text.optional(),
});
export type DeclaredWebhook = z.output<typeof webhook>;

const workloadIdentity = z.strictObject({
  id: text,
  issuer: text,
  audience: text.nullish(),
  match: z.record(z.string(), z.unknown()),
  role: text,
  connections: z.array(text).nullish(),
});
export type DeclaredWorkloadIdentity = z.output<typeof workloadIdentity>;

const tenant = z.strictObject({
  id: text,
  name: text,
  disabled: z.boolean().optional(),
  renewal_weight: z.int().optional(),
  audit_reads: text.optional(),
  rate_limit_per_second: z.int().nullable().optional(),
  key_rate_limit_per_second: z.int().nullable().optional(),
  branding: z.record(z.string(), text).nullable().optional(),
  credentials: orNone(unique(credential, 'id')),
  connections: orNone(unique(connection, 'id')),
  webhooks: orNone(z.array(webhook)),
  workload_identities: orNone(unique(workloadIdentity, 'id')),
});
export type DeclaredTenant = z.output<typeof tenant>;

export const applyFile = z.strictObject({ tenants: unique(tenant, 'id') });

function unique<T extends z.ZodObject>(schema: T, name: string) {
  return z
    .array(schema)
    .refine(
      (items) => new Set(items.map((item) => (item as Record<string, unknown>)[name])).size === items.length,
      `must have each ${name} once`,
    );
}

/** Absent or empty: none. */
function orNone<T>(list: z.ZodType<T[]>) {
  return list.nullish().transform((items) => items ?? []);
}
