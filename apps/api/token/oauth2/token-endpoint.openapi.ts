import { z } from 'zod';
import { toJsonSchema } from '../../openapi/to-json-schema.js';
import { grantTypes } from './grant-types.js';
import { oauthStatuses } from './oauth-error.js';

const form = z.looseObject({
  grant_type: z.enum([...grantTypes.keys()] as [string, ...string[]]),
  client_id: z.string().optional().describe('Id of the API key, unless HTTP Basic has it.'),
  client_secret: z.string().optional().describe('The API key.').meta({ format: 'password' }),
  client_assertion: z.string().optional().describe('A workload JWT (RFC 7523).'),
  client_assertion_type: z.string().optional(),
  subject_token: z.string().optional().describe('A workload JWT (RFC 8693).'),
  subject_token_type: z.string().optional(),
  audience: z.string().optional().describe('<tenant>/<connection>'),
  resource: z.string().optional().describe('URL of the connection (RFC 8707).'),
  scope: z.string().optional().describe('Must be part of what the connection has.'),
  min_ttl: z.int().min(0).max(86_400).optional().describe('As for GET …/token.'),
});

const answer = z.strictObject({
  access_token: z.string(),
  issued_token_type: z.string().optional().describe('Of an exchange.'),
  token_type: z.string(),
  expires_in: z.int().optional().describe('Absent for a token that does not expire.'),
  scope: z.string().optional(),
});

/** RFC 6749 §5.2; the characters of a description are limited there. */
export const oauthErrorSchema = z.strictObject({
  error: z.enum(Object.keys(oauthStatuses) as [string, ...string[]]),
  error_description: z.string().regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/),
});

const retryAfter = { 'Retry-After': { required: true, schema: { type: 'integer', minimum: 1 } } };
const headers: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { required: true, schema: { type: 'string' } } },
  429: retryAfter,
  503: retryAfter,
};

const json = (schema: z.ZodType) => ({
  content: { 'application/json': { schema: toJsonSchema(schema, 'output') } },
});

const neverCached = {
  'Cache-Control': { required: true, schema: { const: 'no-store' } },
  Pragma: { required: true, schema: { const: 'no-cache' } },
};

const refused = (status: number) => ({
  description: 'RFC 6749 §5.2',
  headers: { ...neverCached, ...headers[status] },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/OAuthError' } } },
});

export const tokenEndpointOperation = {
  tags: ['Tokens'],
  operationId: 'requestToken',
  summary: 'A valid access token, for any OAuth client library (RFC 6749)',
  security: [{ client: [] }, {}],
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: toJsonSchema(form, 'input') } },
  },
  responses: {
    200: { description: 'RFC 6749 §5.1', headers: neverCached, ...json(answer) },
    ...Object.fromEntries(
      [...new Set([...Object.values(oauthStatuses), 413, 429])].map((status) => [status, refused(status)]),
    ),
  },
};

export const connectionTokenEndpointOperation = {
  ...tokenEndpointOperation,
  operationId: 'requestTokenOfConnection',
  summary: 'The same for one connection, for clients that cannot name a target',
};
