import { z } from 'zod';
import {
  type GrantType,
  grants,
  grantTypes,
  lineField,
  linkTtlField,
  returnUrlField,
  scopeField,
  type TokenProvider,
} from '#provider-kit';
import { renewalModes } from '#vault';
import { slug } from '../http/common.schemas.js';
import { validationProblem } from '../problem/validation-problem.js';
import { labelsField } from './labels.schemas.js';

/** The fields that name a connection, whatever its grant. */
const common = z.strictObject({
  id: slug.optional().describe('Made up when absent.'),
  credential: slug,
  grant: z.enum(grantTypes, { error: `must be one of ${grantTypes.join(', ')}` }),
  subject: lineField.nullish().describe('Whose authorisation it is, in your own words.'),
  scope: scopeField,
  labels: labelsField.default({}),
  renewal: z.enum(renewalModes, { error: `must be one of ${renewalModes.join(', ')}` }).default('auto'),
});
export type NewConnectionBody = z.output<typeof common>;

/** Fields that only a provider asks for, by its `grantFields`. */
const providerFields = { phone_number: lineField.optional() };

/** Every field any grant has: what the request as a whole may hold. Which of them belong together is checked next. */
export const newConnectionSchema = common.extend({
  ...providerFields,
  ...Object.fromEntries(grantTypes.flatMap((grant) => Object.entries(grants[grant].fields.partial().shape))),
});

/** The fields of one grant at one provider. */
export function grantFieldsSchema({ descriptor }: TokenProvider, grant: GrantType): z.ZodObject {
  return z.strictObject({ ...grants[grant].fields.shape, ...descriptor.grantFields?.[grant]?.shape });
}

/** @throws Problem `invalid_request` where a provider narrows what a scope may be */
export function checkScope({ descriptor }: TokenProvider, grant: GrantType, scope: string | null): void {
  const { scope: narrowed } = descriptor.grantFields?.[grant]?.shape ?? {};
  if (scope === null || !narrowed) return;
  const result = z.strictObject({ scope: narrowed }).safeParse({ scope });
  if (!result.success) throw validationProblem(result.error.issues);
}

export const authorizeSchema = z
  .strictObject({
    return_url: returnUrlField,
    link_ttl: linkTtlField,
    scope: scopeField.describe('In the place of the scope of before, once the user has consented.'),
    allow_account_change: z
      .boolean()
      .default(false)
      .describe('Whether another account may take the place of the one that has consented before.'),
  })
  .prefault({});
export type AuthorizeBody = z.output<typeof authorizeSchema>;

export const completeSchema = z.strictObject({
  confirmation_code: z.string().min(1).max(200).describe('As the browser brought it to the return_url.'),
});
export type CompleteBody = z.output<typeof completeSchema>;
