import { z } from 'zod';

const keyPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^[^\p{Cc}]{0,255}$/u;
const most = 32;

/** An admin's own words to find connections by; the product gives them no meaning. */
export const labelsField = z
  .record(
    z.string().regex(keyPattern, 'must have names of 1 to 63 letters, digits, and . _ / - between them'),
    z.string().regex(valuePattern, 'must be at most 255 characters without line breaks'),
  )
  .refine((labels) => Object.keys(labels).length <= most, `must be at most ${most} labels`)
  .describe(
    'Your own words to find it by, told in webhooks too. They take the place of all labels of before.',
  );

/** `key:value` in a query; the value may have colons itself. */
export const labelQuery = z
  .string()
  .refine((text) => {
    const [key = '', ...value] = text.split(':');
    return value.length > 0 && keyPattern.test(key) && valuePattern.test(value.join(':'));
  }, 'must be a key and a value with a colon between them')
  .transform((text): Readonly<Record<string, string>> => {
    const colon = text.indexOf(':');
    return { [text.slice(0, colon)]: text.slice(colon + 1) };
  });
