import { z } from 'zod';
import { type FailureCode, failureCodes } from '#provider-kit';

/** What the code of this adapter sets itself must not come from a setting. */
const reserved = new Set([
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'request', 'request_uri'],
  ...['response_type', 'response_mode', 'redirect_uri', 'state', 'scope', 'code_challenge'],
  ...['code_challenge_method', 'grant_type', 'code', 'code_verifier', 'refresh_token', 'username'],
  ...['password', 'auth_req_id', 'login_hint', 'resource', 'audience'],
]);

const parameters = z.record(
  z.string().refine((name) => /^[\w.-]{1,64}$/.test(name) && !reserved.has(name), {
    message: 'must be the name of a parameter that is not set otherwise',
  }),
  z.string().max(1000),
);

const lifetime = z.int().min(1).max(31_536_000);

/** Where a server leaves the standards: one switch for every deviation met so far. */
export const deviationSettings = {
  default_scope: z.string().min(1).max(1000).optional().meta({
    title: 'Default scope',
    description: 'For connections that name none.',
  }),
  scope_separator: z
    .string()
    .regex(/^[ ,;+|]$/, 'must be one of space , ; + |')
    .optional()
    .meta({
      title: 'Scope separator',
      description: 'Between scopes in requests, where it is not a space.',
      default: ' ',
    }),
  send_scope: z.boolean().optional().meta({
    title: 'Send the scope',
    description: 'false: never, for servers that give it by themselves. On refresh it is never sent.',
    default: true,
  }),
  code_challenge_method: z.enum(['S256', 'none']).optional().meta({
    title: 'PKCE',
    description: 'none: for servers that refuse the parameters of RFC 7636.',
    default: 'S256',
  }),
  authorization_parameters: parameters.optional().meta({
    title: 'Authorization parameters',
    description: 'More parameters of the authorization request.',
  }),
  token_parameters: parameters.optional().meta({
    title: 'Token parameters',
    description: 'More parameters of every token request.',
  }),
  login_hint_prefix: z.string().max(20).optional().meta({
    title: 'Login hint prefix',
    description: 'What goes before the login hint in a CIBA request, unless it is there.',
  }),
  username_suffix: z.string().max(100).optional().meta({
    title: 'User name suffix',
    description: 'What goes after the user name of the password grant, unless it is there.',
  }),
  allow_password_grant: z.boolean().optional().meta({
    title: 'Allow the password grant',
    description: 'false: refused here before it is asked for, as RFC 9700 §2.4 would have it.',
    default: true,
  }),
  assumed_expires_in: lifetime.optional().meta({
    title: 'Assumed lifetime',
    description: 'Seconds, for answers without expires_in. Without it such an answer is refused.',
  }),
  assumed_refresh_expires_in: lifetime.optional().meta({
    title: 'Assumed refresh token lifetime',
    description: 'Seconds a refresh token lives, where the server documents it and its answers do not say.',
  }),
  token_type_optional: z.boolean().optional().meta({
    title: 'Token type optional',
    description: 'Whether an answer without token_type is taken for a Bearer token.',
    default: false,
  }),
  error_codes: z
    .record(z.string().min(1).max(100), z.enum(Object.keys(failureCodes) as FailureCode[]))
    .optional()
    .meta({
      title: 'Error codes',
      description: "What the server's own error words mean, where RFC 6749 has others.",
    }),
  rotation: z.enum(['none', 'grace', 'confirm_on_use', 'strict']).optional().meta({
    title: 'Refresh token rotation',
    description:
      'What a refresh does to the token it used: none keeps it; grace lets it live on for a while; confirm_on_use until the new one is used; strict ends it at once. When in doubt, strict.',
    default: 'strict',
  }),
  one_token_per_user: z.boolean().optional().meta({
    title: 'One token per user',
    description:
      'Whether one token lives per client, user and scope, so that connections must not share them.',
    default: false,
  }),
};
