import { z } from 'zod';
import { toJsonSchema } from '../../openapi/to-json-schema.js';
import { grantTypes } from './grant-types.js';

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

const answer = z.object({
  access_token: z.string(),
  issued_token_type: z.string().optional().describe('Of an exchange.'),
  token_type: z.string(),
  expires_in: z.int().optional().describe('Absent for a token that does not expire.'),
  scope: z.string().optional(),
});

const refusal = z.object({ error: z.string(), error_description: z.string() });

const json = (schema: z.ZodType) => ({
  content: { 'application/json': { schema: toJsonSchema(schema, 'output') } },
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
    200: { description: 'RFC 6749 §5.1', ...json(answer) },
    default: { description: 'RFC 6749 §5.2', ...json(refusal) },
  },
};

export const connectionTokenEndpointOperation = {
  ...tokenEndpointOperation,
  operationId: 'requestTokenOfConnection',
  summary: 'The same for one connection, for clients that cannot name a target',
};
