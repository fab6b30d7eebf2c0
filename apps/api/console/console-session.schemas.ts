import { z } from 'zod';
import type { Principal } from '#access';
import { slug } from '../http/common.schemas.js';

export const consoleSessionSchema = z.strictObject({
  sign_in: z.enum(['api_key', 'single_sign_on']),
  api_key: z.string().nullable().describe('Id of the API key that it was begun with, and ends with.'),
  person: z.string().nullable().describe('Issuer and subject of the one who came by single sign-on.'),
  role: z.enum(['platform_admin', 'tenant_admin', 'connector', 'token_reader']),
  tenant: slug.nullable().describe('Null: every tenant.'),
  connections: z.array(slug).nullable(),
});

export function consoleSessionJson(principal: Principal): z.input<typeof consoleSessionSchema> {
  const { callerId, role, tenantSlug, connections, signIn } = principal;
  const isPerson = signIn?.by === 'single_sign_on';
  return {
    sign_in: isPerson ? 'single_sign_on' : 'api_key',
    api_key: isPerson ? null : callerId,
    person: isPerson ? callerId : null,
    role,
    tenant: tenantSlug,
    connections: connections === null ? null : [...connections],
  };
}

export const signInWaysSchema = z.strictObject({
  single_sign_on: z.boolean().describe('Whether GET /console/sso leads to an OpenID provider.'),
});
