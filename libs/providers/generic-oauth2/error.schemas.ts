import { z } from 'zod';
import { type FailureCode, failureCodes, grantTypes } from '#provider-kit';
import { pathField } from './path.schemas.js';

const code = z.enum(Object.keys(failureCodes) as FailureCode[]);

const rule = z
  .strictObject({
    status: z.int().min(200).max(599).optional(),
    path: pathField.optional(),
    equals: z.union([z.string().min(1).max(500), z.number(), z.boolean()]).optional(),
    contains: z.string().min(1).max(500).optional(),
    grant: z.enum(grantTypes).optional(),
    code,
  })
  .refine(
    ({ code: _, ...conditions }) => Object.values(conditions).some((condition) => condition !== undefined),
    'must have a condition: status, path, equals, contains or grant',
  );

/** Where the answers with errors leave the standards. */
export const errorSettings = {
  error_paths: z.array(pathField).min(1).max(20).optional().meta({
    title: 'Error paths',
    description: "Dot paths that may hold the server's error word or number, before the usual places.",
  }),
  error_codes: z.record(z.string().min(1).max(100), code).optional().meta({
    title: 'Error codes',
    description: "What the server's own error words and numbers mean, where RFC 6749 has others.",
  }),
  error_rules: z.array(rule).min(1).max(50).optional().meta({
    title: 'Error rules',
    description:
      'What an answer means by its status, by what equals or is contained in the member at path (without path: in the words of its error), and by the grant that was sent. The first that matches goes before everything else. An answer with success is refused by what stands in it only.',
  }),
};
