import { z } from 'zod';
import { toJsonSchema } from '../../openapi/to-json-schema.js';

const form = z.looseObject({
  grant_type: z.enum(['client_credentials']),
  client_id: z.string().optional().describe('Id of the API key, unless HTTP Basic has it.'),
  client_secret: z.string().optional().describe('The API key.').meta({ format: 'password' }),
  audience: z.string().optional().describe('<tenant>/<connection>'),
  resource: z.string().optional().describe('URL of the connection (RFC 8707).'),
  scope: z.string().optional().describe('Must be part of what the connection has.'),
  min_ttl: z.int().min(0).max(86_400).optional().describe('As for GET …/token.'),
});

const answer = z.object({
  access_token: z.string(),
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
