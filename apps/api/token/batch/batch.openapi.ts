import { toJsonSchema } from '../../openapi/to-json-schema.js';
import { batchAnswer, batchBody } from './batch.schemas.js';

export const batchOperation = {
  tags: ['Tokens'],
  operationId: 'readTokens',
  summary: 'Valid access tokens of up to 100 connections',
  requestBody: {
    required: true,
    content: { 'application/json': { schema: toJsonSchema(batchBody, 'input') } },
  },
  responses: {
    200: {
      description: 'A token or a problem for each, in the order asked.',
      content: { 'application/json': { schema: toJsonSchema(batchAnswer, 'output') } },
    },
  },
};
