import { z } from 'zod';

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names chosen by callers, in paths: letters, digits and inner hyphens, as in a DNS label. */
export const slug = z
  .string()
  .regex(slugPattern, 'must be 1 to 63 of a-z, 0-9 and -, neither first nor last a hyphen')
  .meta({ examples: ['acme'] });

export function isSlug(text: string): boolean {
  return slugPattern.test(text);
}

/** Ids that callers do not choose are row ids: UUIDs, in lower case. */
export const rowIdPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isRowId(text: string): boolean {
  return rowIdPattern.test(text);
}

/** Words for people, on one line. */
export const displayName = z
  .string()
  .regex(/^[^\p{Cc}]{1,200}$/u, 'must be 1 to 200 characters without line breaks');

/** An instant with its offset (RFC 3339), as a Date. */
export const instant = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' });

/** As the API writes instants: RFC 3339, UTC. */
export const timestamp = z.iso.datetime().meta({ examples: ['2030-01-31T12:00:00.000Z'] });

export function rfc3339(instantOrNull: Date): string;
export function rfc3339(instantOrNull: Date | null): string | null;
export function rfc3339(instantOrNull: Date | null): string | null {
  return instantOrNull?.toISOString() ?? null;
}

/** Query switches: `?verify=true`. */
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

export const dryRunQuerySchema = z.strictObject({
  dry_run: flag.default(false).describe('Check everything and save nothing; answered with 200.'),
});
export type DryRunQuery = z.output<typeof dryRunQuerySchema>;
