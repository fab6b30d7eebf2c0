import { z } from 'zod';

/**
 * Headers that decide where a request goes, who sends it, how it is framed or how its answer is packed: those are set
 * here, and a second opinion on them would be a way around.
 */
const refused = new Set([
  ...['authorization', 'host', 'cookie', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer'],
  ...['upgrade', 'expect', 'accept-encoding', 'range', 'via'],
]);

const name = z.string().refine(isAllowed, {
  message:
    'must be the name of a header other than Authorization, Host, Cookie, Content-* and those of the connection',
});

const value = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?$/, 'must be 1 to 1000 printable ASCII characters');

/** Header values by name, in any case of its letters; each name once. */
export const headersField = z
  .record(name, value)
  .refine((headers) => Object.keys(headers).length <= 20, 'must be 20 headers at most')
  .refine((headers) => {
    const names = Object.keys(headers).map((header) => header.toLowerCase());
    return new Set(names).size === names.length;
  }, 'must name each header once');

/** RFC 9110 §5.6.2. */
function isAllowed(header: string): boolean {
  const spelled = header.toLowerCase();
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(header) || refused.has(spelled)) return false;
  return !/^(?:content|proxy|sec)-/.test(spelled);
}
