import { z } from 'zod';
import { grantTypes } from '#provider-kit';
import { renewalModes } from '#vault';
import { slug } from '../http/common.schemas.js';

const common = {
  id: slug.optional().describe('Made up when absent.'),
  credential: slug,
  subject: z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u, 'must be 1 to 255 characters without line breaks')
    .nullish()
    .describe('Whose authorisation it is, in your own words.'),
  scope: z
    .string()
    .regex(
      /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
      'must be scopes divided by one space',
    )
    .max(1000, 'must have at most 1000 characters')
    .nullish(),
  renewal: z.enum(renewalModes, { error: `must be one of ${renewalModes.join(', ')}` }).default('auto'),
};

export const clientCredentialsConnectionSchema = z.strictObject({
  ...common,
  grant: z.literal('client_credentials'),
});
export type NewConnectionBody = z.output<typeof clientCredentialsConnectionSchema>;

const otherGrants = grantTypes.filter((grant) => grant !== 'client_credentials');

/** Grants the contract names and this release does not make yet: told apart from what is simply wrong. */
const otherGrantSchema = z.looseObject({ credential: slug, grant: z.enum(otherGrants) });

export const newConnectionSchema = z.discriminatedUnion(
  'grant',
  [clientCredentialsConnectionSchema, otherGrantSchema],
  { error: `must be one of ${grantTypes.join(', ')}` },
);
export type NewConnectionRequest = z.output<typeof newConnectionSchema>;
