import { z } from 'zod';
import { grantTypes, lineField, remedyFor } from '#provider-kit';
import { type Connection, type ConnectionEvent, connectionStatuses, renewalModes } from '#vault';
import { instant, rfc3339, slug, timestamp } from '../http/common.schemas.js';
import { pageQuery } from '../http/page.schemas.js';
import { labelQuery, labelsField } from './labels.schemas.js';

const renewal = z
  .enum(renewalModes, { error: `must be one of ${renewalModes.join(', ')}` })
  .describe(
    'auto: ahead of expiry while somebody reads it. eager: always ahead. on_demand: when a read asks.',
  );

export const connectionChangeSchema = z
  .strictObject({
    renewal: renewal.optional(),
    labels: labelsField.optional(),
    paused: z.boolean().optional().describe('true: neither renewed nor read, until it is false again.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'must be there, or labels, or paused',
    path: ['renewal'],
  });
export type ConnectionChangeBody = z.output<typeof connectionChangeSchema>;

export const connectionQuerySchema = z.strictObject({
  ...pageQuery,
  status: z.enum(connectionStatuses, { error: `must be one of ${connectionStatuses.join(', ')}` }).optional(),
  provider: slug.optional(),
  credential: slug.optional(),
  subject: lineField.optional(),
  account: lineField.optional().describe('Those to which somebody of this whole id or email has consented.'),
  id_prefix: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, 'must be the beginning of an id: a-z, 0-9 and -')
    .optional()
    .describe('Those whose id begins so.'),
  label: labelQuery.optional().describe('key:value'),
  expires_before: instant
    .transform((text) => new Date(text))
    .optional()
    .describe('Those whose access token ends before this instant.'),
});
export type ConnectionQuery = z.output<typeof connectionQuerySchema>;

const providerErrorWords = z.strictObject({
  status: z.int().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
  member: z.string().optional().describe('Of an answer with success that could not be read.'),
});

export const connectionSchema = z.strictObject({
  id: slug,
  tenant: slug,
  credential: slug,
  provider: z.string(),
  grant: z.enum(grantTypes),
  subject: z.string().nullable(),
  scope: z.string().nullable(),
  missing_scopes: z.array(z.string()).describe('Asked for, and not granted.'),
  labels: labelsField,
  paused: z.boolean().describe('Neither renewed nor read: its token is 409 `connection_paused`.'),
  fields: z
    .record(z.string(), z.string())
    .describe(
      "What callers of the token need besides, by the credential's token_fields and callback_fields.",
    ),
  account: z
    .strictObject({
      id: z.string(),
      email: z.string().optional(),
      name: z.string().optional(),
      organization: z.string().optional(),
    })
    .nullable()
    .describe('Who has consented, where the provider says so.'),
  status: z.enum(connectionStatuses),
  renewal,
  generation: z.int().min(0).describe('0 until the first token, then one more at each renewal.'),
  access_token_expires_at: timestamp.nullable(),
  refresh_token_expires_at: timestamp.nullable(),
  next_renewal_at: timestamp.nullable().describe('Null also while it is paused.'),
  last_renewed_at: timestamp.nullable(),
  last_error: z
    .strictObject({
      code: z.string(),
      at: timestamp,
      attempts: z.int(),
      next_attempt_at: timestamp.nullable(),
      remedy: z.string(),
      provider_error: providerErrorWords.nullable().describe('What the provider said, redacted.'),
    })
    .nullable(),
});

export function connectionJson(connection: Connection, tenant: string) {
  return {
    id: connection.slug,
    tenant,
    credential: connection.credential?.slug,
    provider: connection.credential?.provider,
    grant: connection.grant,
    subject: connection.subject,
    scope: connection.scope ?? connection.requestedScope,
    missing_scopes: missingScopes(connection),
    labels: connection.labels,
    paused: connection.paused,
    fields: connection.fields,
    account: connection.account,
    status: connection.status,
    renewal: connection.renewal,
    generation: connection.generation,
    access_token_expires_at: rfc3339(connection.accessTokenExpiresAt),
    refresh_token_expires_at: rfc3339(connection.refreshTokenExpiresAt),
    next_renewal_at: connection.paused ? null : rfc3339(connection.nextRenewalAt),
    last_renewed_at: rfc3339(connection.lastRenewedAt),
    last_error: connection.lastError && {
      ...connection.lastError,
      provider_error: connection.lastError.provider_error ?? null,
      remedy: connection.lastError.remedy ?? remedyFor(connection.lastError.code),
    },
  };
}

/** A provider that names no scope granted what was asked for (RFC 6749 §5.1). */
function missingScopes({ requestedScope, scope }: Connection): string[] {
  if (requestedScope === null || scope === null) return [];
  // Servers write what they grant with separators of their own.
  const granted = new Set([...scope.split(' '), ...scope.split(/[ ,;+|]/)]);
  return [...new Set(requestedScope.split(' '))].filter((wanted) => !granted.has(wanted));
}

export const connectionEventSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  at: timestamp,
  data: z.record(z.string(), z.unknown()),
});

export function connectionEventJson({ id, type, createdAt, data }: ConnectionEvent) {
  return { id, type, at: rfc3339(createdAt), data };
}
