import { z } from 'zod';
import { type GrantType, grantTypes, type TokenProvider } from '#provider-kit';
import { renewalModes } from '#vault';
import { slug } from '../http/common.schemas.js';

const secretText = z
  .string()
  .regex(/^[^\p{Cc}]{1,4096}$/u, 'must be 1 to 4096 characters without control characters')
  .meta({ writeOnly: true });

const line = z.string().regex(/^[^\p{Cc}]{1,255}$/u, 'must be 1 to 255 characters without line breaks');

const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be scopes divided by one space')
  .max(8192, 'must have at most 8192 characters')
  .nullish();

const returnUrl = z.string().max(2048).optional().describe('One of settings.return_urls of the credential.');

/** What names a connection, whatever its grant. */
const common = {
  id: slug.optional().describe('Made up when absent.'),
  credential: slug,
  grant: z.enum(grantTypes, { error: `must be one of ${grantTypes.join(', ')}` }),
  subject: line.nullish().describe('Whose authorisation it is, in your own words.'),
  scope,
  renewal: z.enum(renewalModes, { error: `must be one of ${renewalModes.join(', ')}` }).default('auto'),
};

/** What each grant needs besides; a provider may ask for other fields. */
const usualFields = {
  client_credentials: z.strictObject({ scope }),
  authorization_code: z.strictObject({ scope, return_url: returnUrl }),
  password: z.strictObject({
    scope,
    username: line,
    password: secretText,
    keep_password: z.boolean().default(false).describe('Keep it, to get a new grant when this one has died.'),
  }),
  ciba: z.strictObject({ scope, login_hint: line }),
  refresh_token: z.strictObject({ scope, refresh_token: secretText }),
} satisfies Record<GrantType, z.ZodObject>;

/** Every field any grant has: what the request as a whole may hold. Which of them belong together is checked next. */
export const newConnectionSchema = z.strictObject({
  ...common,
  return_url: returnUrl,
  phone_number: line.optional(),
  username: line.optional(),
  password: secretText.optional(),
  keep_password: z.boolean().optional(),
  login_hint: line.optional(),
  refresh_token: secretText.optional(),
});
export type NewConnectionBody = z.output<typeof newConnectionSchema>;

/** The fields of one grant at one provider. */
export function grantFieldsSchema({ descriptor }: TokenProvider, grant: GrantType): z.ZodObject {
  return z.strictObject({ ...usualFields[grant].shape, ...descriptor.grantFields?.[grant]?.shape });
}

/** As `grantFieldsSchema` leaves them. */
export interface GrantFields {
  readonly scope?: string | null | undefined;
  readonly return_url?: string | undefined;
  readonly phone_number?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly keep_password?: boolean | undefined;
  readonly login_hint?: string | undefined;
  readonly refresh_token?: string | undefined;
}

export const authorizeSchema = z.strictObject({ return_url: returnUrl }).default({});
export type AuthorizeBody = z.output<typeof authorizeSchema>;

export const completeSchema = z.strictObject({
  confirmation_code: z.string().min(1).max(200).describe('As the browser brought it to the return_url.'),
});
export type CompleteBody = z.output<typeof completeSchema>;
