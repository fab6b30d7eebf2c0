import { z } from 'zod';
import { isAboutWho, isSelective, tenantRoles } from '#access';
import type { WorkloadIdentity } from '#vault';
import { isNarrowable, narrowedTo, notNarrowable, tenantRole } from '../api-keys/api-key.schemas.js';
import { rfc3339, slug, timestamp } from '../http/common.schemas.js';

const text = (max: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .regex(/^\P{Cc}*$/u, 'must hold no control characters');

const claimName = text(200).refine(isAboutWho, 'must be a claim that says who the JWT is for');
const matcher = z.union([text(2_048), z.strictObject({ glob: text(512) })], {
  error: 'must be a string, or {"glob": string}',
});

const match = z
  .record(claimName, matcher)
  .refine((claims) => Object.keys(claims).length <= 20, 'must name at most 20 claims')
  .refine((claims) => Object.values(claims).some(isSelective), {
    message: 'must name at least one claim and what it must be: a glob of wildcards alone lets in everybody',
  })
  .describe(
    'By the name of a claim, what it must be. In a glob, * is any number of characters and ? is one.',
  );

export const newWorkloadIdentitySchema = z
  .strictObject({
    id: slug.optional().describe('Absent: one is made.'),
    issuer: text(512).describe('`iss` of the JWTs, as GRANTKEEPER_JWT_ISSUERS lists it.'),
    audience: text(512)
      .nullish()
      .describe('What `aud` must name. Absent: the audience listed with the issuer.'),
    match,
    role: tenantRole,
    connections: narrowedTo,
  })
  .refine(isNarrowable, notNarrowable);
export type NewWorkloadIdentityBody = z.output<typeof newWorkloadIdentitySchema>;

export const workloadIdentitySchema = z.strictObject({
  id: slug,
  issuer: z.string(),
  audience: z.string().nullable().describe('Null: the audience listed with the issuer.'),
  match: z.record(z.string(), z.union([z.string(), z.strictObject({ glob: z.string() })])),
  role: z.enum(tenantRoles),
  connections: z.array(slug).nullable(),
  created_at: timestamp,
});

export function workloadIdentityJson(identity: WorkloadIdentity) {
  return {
    id: identity.slug,
    issuer: identity.issuer,
    audience: identity.audience,
    match: identity.match,
    role: identity.role,
    connections: identity.connections,
    created_at: rfc3339(identity.createdAt),
  };
}
