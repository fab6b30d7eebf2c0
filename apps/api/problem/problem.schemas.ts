import { z } from 'zod';
import { problems } from './problems.js';

/** RFC 9457, as every error answers; for the documentation. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.enum(Object.keys(problems) as [string, ...string[]]),
    remedy: z.string().optional().describe('What somebody can do about it.'),
    errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
  })
  .describe('RFC 9457 problem document.');
