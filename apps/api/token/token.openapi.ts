import { z } from 'zod';
import { toJsonSchema } from '../openapi/to-json-schema.js';

/** Documents the one route that Nest does not know. */
export const tokenAnswer = z.strictObject({
  access_token: z.string(),
  token_type: z.string(),
  expires_in: z.int().nullable().describe('Seconds left; null for a token that does not expire.'),
  expires_at: z.iso.datetime().nullable(),
  scope: z.string().nullable(),
  generation: z.int().describe('One more at each renewal.'),
  fields: z
    .record(z.string(), z.string())
    .optional()
    .describe('Members that go with the token, such as instance_url; absent where there is nothing.'),
});

export const tokenOperation = {
  tags: ['Tokens'],
  operationId: 'readToken',
  summary: 'A valid access token of the connection',
  parameters: [
    {
      name: 'min_ttl',
      in: 'query',
      description:
        'Seconds the token should still live; less is renewed first. Never more than half its life, nor sooner than its server renews.',
      schema: { type: 'integer', minimum: 0, maximum: 86_400, default: 60 },
    },
  ],
  responses: {
    200: {
      description: 'The token.',
      content: { 'application/json': { schema: toJsonSchema(tokenAnswer, 'output') } },
    },
    409: {},
  },
};
