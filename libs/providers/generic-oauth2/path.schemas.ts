import { z } from 'zod';
import { namesSecret } from '#oauth-http';

/** A dot path into an answer: names of members, and numbers of items. */
export const pathField = z
  .string()
  .max(200)
  .regex(/^[^.\s\p{Cc}]+(?:\.[^.\s\p{Cc}]+)*$/u, 'must be names of members divided by dots');

const notOfSecret = 'must not be that of a token, a code, a state or another secret';

/** A path to what everybody who may read the connection sees. */
export const visiblePathField = pathField.refine((path) => !namesSecret(path), notOfSecret);

/** A name that such a value gets. */
export const visibleNameField = z
  .string()
  .regex(/^[\w.:-]{1,64}$/, 'must be a name of 1 to 64 letters, digits, _ . : -')
  .refine((name) => !namesSecret(name), notOfSecret);
