import { z } from 'zod';

/** A dot path into an answer: names of members, and numbers of items. */
export const pathField = z
  .string()
  .max(200)
  .regex(/^[^.\s\p{Cc}]+(?:\.[^.\s\p{Cc}]+)*$/u, 'must be names of members divided by dots');

export const namesField = (what: string) =>
  z
    .array(z.string().regex(/^[\w.:-]{1,100}$/, `must be the name of a ${what}`))
    .min(1)
    .max(50);
