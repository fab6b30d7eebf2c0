import { z } from 'zod';
import { durationMs, lifetimeSeconds, name } from './common.schemas.js';

/** Enough to overrun any sane cap, little enough to be built in memory. */
const MAX_PAD_BYTES = 64 * 1024 * 1024;

/** Framing is the sandbox's own business: a wrong length here would only confuse the test. */
const FRAMING_HEADERS = new Set(['content-length', 'transfer-encoding', 'connection']);

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'not a header name')
  .refine((header) => !FRAMING_HEADERS.has(header.toLowerCase()), 'set by the sandbox itself');
const headerValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'not a header value');

const match = z
  .strictObject({
    provider: name.optional(),
    client_id: name.optional(),
    grant_type: name.optional(),
    path: z.string().startsWith('/').optional(),
  })
  .describe(
    'Which requests: provider, client_id, grant_type, path (exact, or a prefix ending in *), all that are given. Without a path, resources and pages are left alone.',
  );

/** A deviation for the next requests that match. */
export const ruleSchema = z
  .strictObject({
    match: match.prefault({}),
    times: z
      .int()
      .min(1)
      .nullable()
      .default(1)
      .describe('For how many requests, default 1; null until deleted.'),
    expires_in: z
      .json()
      .optional()
      .describe('What the answer says: any JSON value; null leaves the member out.'),
    lifetime_seconds: lifetimeSeconds
      .optional()
      .describe('How long the token is really accepted, where that differs from expires_in.'),
    patch: z
      .record(z.string(), z.json())
      .optional()
      .describe('JSON merge patch over a successful answer; null removes a member.'),
    status: z
      .int()
      .min(200)
      .max(599)
      .optional()
      .describe('Answer with this status; the request is not processed unless commit is true.'),
    body: z
      .json()
      .optional()
      .describe(
        'Answer with this body: a string as it stands, anything else as JSON; not processed unless commit is true.',
      ),
    content_type: headerValue.optional().describe('Content type of whatever is answered.'),
    headers: z
      .record(headerName, z.union([headerValue, z.array(headerValue)]))
      .optional()
      .describe('Headers added to whatever is answered, such as location or retry-after.'),
    canned: name
      .optional()
      .describe('Answer with one of the provider’s own replies, by name; needs match.provider.'),
    commit: z
      .boolean()
      .default(false)
      .describe('With status, body or canned: the request is processed first, and only its answer replaced.'),
    delay_ms: durationMs.optional().describe('Wait before processing.'),
    respond_delay_ms: durationMs.optional().describe('Wait after processing, before the answer.'),
    drop: z
      .enum(['before', 'after', 'mid_body'])
      .optional()
      .describe(
        'Cut the connection: before processing, after it instead of an answer, or in the middle of the body.',
      ),
    pad_bytes: z
      .int()
      .min(0)
      .max(MAX_PAD_BYTES)
      .optional()
      .describe('Append this many blanks to the body; with gzip, a decompression bomb.'),
    drip_ms: z
      .int()
      .min(0)
      .max(60_000)
      .optional()
      .describe('Send the body 16 bytes at a time, this far apart.'),
    gzip: z.boolean().optional().describe('Send the body gzip-encoded, whatever the client accepts.'),
  })
  .superRefine((rule, context) => {
    const replaced =
      !rule.commit && (rule.status !== undefined || rule.body !== undefined || rule.canned !== undefined);
    for (const member of ['patch', 'expires_in', 'lifetime_seconds'] as const) {
      if (replaced && rule[member] !== undefined) {
        context.addIssue({
          code: 'custom',
          path: [member],
          message: 'has no effect on a request that is not processed: add "commit": true',
        });
      }
    }
    if (rule.canned !== undefined && rule.match.provider === undefined) {
      context.addIssue({ code: 'custom', path: ['match', 'provider'], message: 'needed by canned' });
    }
  });

export type Rule = z.output<typeof ruleSchema>;
