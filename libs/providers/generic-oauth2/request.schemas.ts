import { z } from 'zod';
import { grantTypes } from '#provider-kit';
import { headersField } from './header.schemas.js';

/** The code of this adapter sets these itself: they must not come from a setting. */
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

const grant = z.enum(grantTypes);

/** Where the requests leave the standards. */
export const requestSettings = {
  default_scope: z.string().min(1).max(8192).optional().meta({
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
    description: 'false: never, for servers that give it by themselves.',
    default: true,
  }),
  send_scope_on_refresh: z.boolean().optional().meta({
    title: 'Send the scope on refresh',
    description: 'For servers that want it there too; RFC 6749 §6 leaves the scope as it was without.',
    default: false,
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
  token_parameters_by_grant: z.partialRecord(grant, parameters).optional().meta({
    title: 'Token parameters by grant',
    description: 'More parameters of the token requests of one grant. They go before token_parameters.',
  }),
  token_headers: headersField.optional().meta({
    title: 'Headers',
    description:
      'More headers of the requests to the server, User-Agent included. Not Authorization, Host, Cookie or Content-*.',
  }),
  token_request_format: z.enum(['form', 'json']).optional().meta({
    title: 'Format of token requests',
    description: 'json: for servers that read token requests as a JSON object only.',
    default: 'form',
  }),
  grant_type_names: z
    .partialRecord(
      grant,
      z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 characters without a blank'),
    )
    .optional()
    .meta({
      title: 'Names of grants',
      description: "The server's own words for grant_type, by grant.",
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
    description:
      'For servers that know nothing better; RFC 9700 §2.4 forbids it, so it is off unless this is true.',
    default: false,
  }),
  renewal_lead_seconds: z.int().min(1).max(86_400).optional().meta({
    title: 'Renewal lead',
    description:
      'Renewed at most so many seconds before the access token ends, for servers that refuse to sooner. A read gets the token as it is until then.',
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
