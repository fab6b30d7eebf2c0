import { expect, it } from '@jest/globals';
import { z } from 'zod';
import './rule-messages.js';

const schema = z.strictObject({ a: z.string().min(1).max(3), n: z.int().min(1).max(9) }).partial();

it.each([
  [schema, { a: 1 }, 'must be a string'],
  [schema, { a: '' }, 'must not be empty'],
  [schema, { a: 'four' }, 'must have at most 3 characters'],
  [schema, { n: 0 }, 'must be at least 1'],
  [schema, { n: 10 }, 'must be at most 9'],
  [schema, { n: 1.5 }, 'must be a whole number'],
  [schema, { n: '1' }, 'must be a number'],
  [schema, { b: 1, c: 2 }, 'has no field b, c'],
  [schema, [], 'must be an object'],
  [schema.required(), { n: 1 }, 'must be given'],
  [z.string().min(2), 'a', 'must have at least 2 characters'],
  [z.array(z.string()).min(1), [], 'must not be empty'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 item'],
  [z.record(z.string(), z.string()), 'a', 'must be an object'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.number().positive(), 0, 'must be more than 0'],
  [z.number().multipleOf(5), 3, 'must be a multiple of 5'],
  [z.literal('a'), 'b', 'must be a'],
  [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  [z.union([z.string(), z.number()]), true, 'has none of the forms that it may have'],
  [z.url(), 'x', 'must be a URL'],
  [z.uuid(), 'x', 'must be a UUID'],
  [z.string().regex(/^[a-z]+$/), 'A', 'must match /^[a-z]+$/'],
])('names the rule that a value broke, never the value (%#)', (rule: z.ZodType, value, message) => {
  expect(rule.safeParse(value).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
