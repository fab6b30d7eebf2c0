import { z } from 'zod';
import { auditReadModes, type Tenant } from '#vault';
import { displayName, rfc3339, slug, timestamp } from '../http/common.schemas.js';
import { brandingSchema } from './branding.schemas.js';

export const newTenantSchema = z.strictObject({ id: slug, name: displayName });
export type NewTenantBody = z.output<typeof newTenantSchema>;

const renewalWeight = z
  .int()
  .min(1)
  .max(100)
  .describe(
    'Turns in background renewal, beside those of other tenants, while not everything due can be done at once.',
  );

const auditReads = z
  .enum(auditReadModes, `must be one of ${auditReadModes.join(', ')}`)
  .describe('Whether token reads are audited in batches, or each one before it is answered.');
const rateLimit = z.int().min(1).max(1_000_000).nullable();
const rateLimitOfTenant = rateLimit.describe(
  'Requests per second of all its keys together, at each replica of the API; null: no limit.',
);
const rateLimitOfKey = rateLimit.describe(
  'Requests per second of each of its keys, at each replica of the API; null: no limit.',
);

export const tenantChangeSchema = z.strictObject({
  name: displayName.optional(),
  disabled: z.boolean().optional(),
  renewal_weight: renewalWeight.optional(),
  audit_reads: auditReads.optional(),
  rate_limit_per_second: rateLimitOfTenant.optional(),
  key_rate_limit_per_second: rateLimitOfKey.optional(),
  branding: brandingSchema.optional(),
});
export type TenantChangeBody = z.output<typeof tenantChangeSchema>;

/** Of a list, which leaves out what is large. */
export const listedTenantSchema = z.strictObject({
  id: slug,
  name: z.string(),
  disabled: z.boolean().describe('While true, every key of the tenant is refused.'),
  renewal_weight: renewalWeight,
  audit_reads: auditReads,
  rate_limit_per_second: rateLimitOfTenant,
  key_rate_limit_per_second: rateLimitOfKey,
  created_at: timestamp,
});

export const tenantSchema = z.strictObject({ ...listedTenantSchema.shape, branding: brandingSchema });

export function tenantJson(tenant: Tenant): z.input<typeof tenantSchema> {
  return { ...listedTenantJson(tenant), branding: tenant.branding ?? null };
}

export function listedTenantJson(tenant: Tenant): z.input<typeof listedTenantSchema> {
  return {
    id: tenant.slug,
    name: tenant.name,
    disabled: tenant.disabledAt !== null,
    renewal_weight: tenant.renewalWeight,
    audit_reads: tenant.auditReads,
    rate_limit_per_second: tenant.rateLimitPerSecond,
    key_rate_limit_per_second: tenant.keyRateLimitPerSecond,
    created_at: rfc3339(tenant.createdAt),
  };
}
