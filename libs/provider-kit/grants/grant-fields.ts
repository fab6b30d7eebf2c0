import { z } from 'zod';

/** One line of text, such as a name. */
export const lineField = z
  .string()
  .regex(/^[^\p{Cc}]{1,255}$/u, 'must be 1 to 255 characters without line breaks');

export const secretField = z
  .string()
  .regex(/^[^\p{Cc}]{1,4096}$/u, 'must be 1 to 4096 characters without control characters')
  .meta({ writeOnly: true });

/** RFC 6749 §3.3. */
export const scopeField = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be scopes divided by one space')
  .max(8192, 'must have at most 8192 characters')
  .nullish();

export const returnUrlField = z
  .string()
  .max(2048)
  .optional()
  .describe('One of settings.return_urls of the credential.');

/** Until the link must have been opened, seconds: a minute to a week. */
export const linkTtlField = z
  .int('must be a whole number of seconds')
  .min(60, 'must be 60 to 604800 seconds')
  .max(604_800, 'must be 60 to 604800 seconds')
  .optional()
  .describe('Seconds for which the link can be opened: 60 to 604800, 600 by default.');
