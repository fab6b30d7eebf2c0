import { z } from 'zod';
import { problems } from './problems.js';

/** The words of a provider, redacted. */
export const providerErrorSchema = z.strictObject({
  code: z.string(),
  status: z.int().optional(),
  member: z.string().optional().describe('Of an answer with success that could not be read.'),
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/** RFC 9457, as every error answers; for the documentation. */
export const problemSchema = z
  .looseObject({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(Object.keys(problems) as [string, ...string[]]),
    remedy: z.string().optional().describe('The step that somebody can take.'),
    errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
    instance: z.url().optional().describe('Of an internal error: it is in the log under this id.'),
    provider_error: providerErrorSchema.optional(),
    reasons: z.array(z.string()).optional().describe('Of readiness.'),
    request_id: z.string().describe('As in `X-Request-Id`; the lines of the log about it have it too.'),
    retry_after: z.int().optional().describe('In a batch: what an answer of its own has in `Retry-After`.'),
  })
  .describe('RFC 9457 problem document.');
