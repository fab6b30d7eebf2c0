import { z } from 'zod';
import type { Principal } from '#access';
import { slug } from '../http/common.schemas.js';

export const consoleSessionSchema = z.strictObject({
  api_key: z.string().describe('Id of the API key that it was begun with, and ends with.'),
  role: z.enum(['platform_admin', 'tenant_admin', 'connector', 'token_reader']),
  tenant: slug.nullable().describe('Null: every tenant.'),
  connections: z.array(slug).nullable(),
});

export function consoleSessionJson(principal: Principal): z.input<typeof consoleSessionSchema> {
  const { callerId, role, tenantSlug, connections } = principal;
  return {
    api_key: callerId,
    role,
    tenant: tenantSlug,
    connections: connections === null ? null : [...connections],
  };
}
