import { z } from 'zod';
import { tenantRoles } from '#access';
import type { ApiKey } from '#vault';
import { displayName, instant, rfc3339, slug, timestamp } from '../http/common.schemas.js';

const common = {
  name: displayName,
  expires_at: instant.nullish().describe('In the future. Absent: it does not expire.'),
};

export const newPlatformKeySchema = z.strictObject({
  ...common,
  role: z.literal('platform_admin', { error: 'must be platform_admin' }).default('platform_admin'),
});
export type NewPlatformKeyBody = z.output<typeof newPlatformKeySchema>;

export const tenantRole = z.enum(tenantRoles, { error: `must be one of ${tenantRoles.join(', ')}` });

export const narrowedTo = z
  .array(slug)
  .min(1, 'must name at least one connection')
  .max(200, 'must name at most 200 connections')
  .nullish()
  .describe('Narrows a token_reader to these connections.');

interface Narrowed {
  readonly role: string;
  readonly connections?: readonly string[] | null | undefined;
}

export const isNarrowable = ({ role, connections }: Narrowed) =>
  connections == null || role === 'token_reader';

export const notNarrowable = {
  path: ['connections'],
  message: 'only a token_reader can be narrowed to connections',
};

export const newTenantKeySchema = z
  .strictObject({ ...common, role: tenantRole, connections: narrowedTo })
  .refine(isNarrowable, notNarrowable);
export type NewTenantKeyBody = z.output<typeof newTenantKeySchema>;

export const apiKeySchema = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(['platform_admin', ...tenantRoles]),
  connections: z.array(slug).nullable(),
  expires_at: timestamp.nullable(),
  created_at: timestamp,
});

export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().optional().describe('The key itself, shown this once: not in a replay.'),
});

export function apiKeyJson(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    connections: key.connections,
    expires_at: rfc3339(key.expiresAt),
    created_at: rfc3339(key.createdAt),
  };
}
