import { z } from 'zod';

export const rejectionBody = z.strictObject({
  generation: z
    .int('must be the generation that was refused, a whole number from 1')
    .min(1, 'must be the generation that was refused, a whole number from 1'),
});
export type RejectionBody = z.output<typeof rejectionBody>;

export const rejectionAnswer = z.strictObject({ generation: z.int(), renewed: z.boolean() });
