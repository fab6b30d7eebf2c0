import { z } from 'zod';
import { problemSchema } from '../../problem/problem.schemas.js';
import { defaultMinTtlSeconds, maxMinTtlSeconds } from '../min-ttl.js';
import { tokenAnswer } from '../token.openapi.js';

const count = 'must be 1 to 100 ids of connections';
const ttl = `must be a whole number of seconds from 0 to ${maxMinTtlSeconds}`;

export const batchBody = z.strictObject({
  connections: z
    .array(z.string(), count)
    .min(1, count)
    .max(100, count)
    .describe('Answered in this order; one that is named twice is answered twice.'),
  min_ttl: z.int(ttl).min(0, ttl).max(maxMinTtlSeconds, ttl).default(defaultMinTtlSeconds),
});
export type BatchBody = z.output<typeof batchBody>;

export const batchAnswer = z.strictObject({
  items: z.array(
    z.union([
      z.strictObject({ connection: z.string(), ...tokenAnswer.shape }),
      z.strictObject({ connection: z.string(), error: problemSchema }),
    ]),
  ),
});
