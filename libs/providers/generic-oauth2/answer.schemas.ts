import { z } from 'zod';
import { pathField, visibleNameField, visiblePathField } from './path.schemas.js';

/** Of each kind. */
const mostFields = 20;

const lifetime = z.int().min(1).max(31_536_000);

/** Where the answers with tokens leave the standards. */
export const answerSettings = {
  token_path: pathField.optional().meta({
    title: 'Token path',
    description: 'Dot path of the object that holds the tokens, such as data or authed_user.',
  }),
  token_types: z
    .array(
      z
        .string()
        .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,48}[\x21-\x7e])?$/, 'must be 1 to 50 printable characters'),
    )
    .min(1)
    .max(20)
    .optional()
    .meta({
      title: 'Token types',
      description: 'Further values of token_type that are taken for a bearer token, in any case.',
    }),
  token_type_optional: z.boolean().optional().meta({
    title: 'Token type optional',
    description: 'Whether an answer without token_type is taken for a Bearer token.',
    default: false,
  }),
  expires_in_unit: z.enum(['s', 'ms']).optional().meta({
    title: 'Unit of lifetimes',
    description: 'In which expires_in, and the same for the refresh token, are counted.',
    default: 's',
  }),
  expires_at_field: pathField.optional().meta({
    title: 'Field of the end',
    description:
      'Dot path, from where the tokens are, of the instant at which the access token ends: seconds or milliseconds since 1970, or a date of RFC 3339. It goes before expires_in.',
  }),
  tokens_never_expire: z.boolean().optional().meta({
    title: 'Tokens never expire',
    description: 'Whether an access token that comes without a lifetime is good until it is revoked.',
    default: false,
  }),
  assumed_expires_in: lifetime.optional().meta({
    title: 'Assumed lifetime',
    description: 'Seconds, for answers without expires_in. Without it such an answer cannot be read.',
  }),
  assumed_refresh_expires_in: lifetime.optional().meta({
    title: 'Assumed refresh token lifetime',
    description: 'Seconds a refresh token lives, where the server documents it and its answers do not say.',
  }),
  token_fields: z
    .record(visibleNameField, visiblePathField)
    .refine((fields) => Object.keys(fields).length <= mostFields, `must have at most ${mostFields} names`)
    .optional()
    .meta({
      title: 'Token fields',
      description:
        'Members of the answer that callers of the token need, by the name they get: dot paths. Never those of a token.',
    }),
  callback_fields: z.array(visibleNameField).min(1).max(mostFields).optional().meta({
    title: 'Callback fields',
    description: 'Parameters of the callback that callers of the token need, such as realmId.',
  }),
  account_from: z.enum(['id_token', 'token_response', 'userinfo']).optional().meta({
    title: 'Account from',
    description:
      'Where it is said who has consented: in the claims of the ID token, in the token response, or at the userinfo endpoint.',
  }),
  account_id_path: visiblePathField.optional().meta({
    title: 'Path of the account id',
    description: 'Dot path of what identifies who has consented. Default: sub; required for token_response.',
  }),
};
