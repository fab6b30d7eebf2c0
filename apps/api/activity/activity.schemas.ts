import { z } from 'zod';
import { timestamp } from '../http/common.schemas.js';

export const activityQuerySchema = z.strictObject({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(168)
    .default(24)
    .describe('So many hours, the running one included.'),
});
export type ActivityQuery = z.output<typeof activityQuerySchema>;

export const activitySchema = z.strictObject({
  items: z.array(
    z.strictObject({
      hour: timestamp.describe('Its begin.'),
      type: z.string().describe('As in the history of a connection, such as connection.degraded.'),
      count: z.int().min(1),
    }),
  ),
});

export const readersSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      reader: z.string().describe('API key id, or issuer and subject of a workload.'),
      count: z.int().min(1),
      from: timestamp,
      to: timestamp,
    }),
  ),
});
