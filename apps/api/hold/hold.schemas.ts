import { z } from 'zod';
import type { Hold } from '#vault';
import { rfc3339, timestamp } from '../http/common.schemas.js';

export const releaseSchema = z.strictObject({
  release: z.literal(true).describe('The database is the one to go on with.'),
});
export type ReleaseBody = z.output<typeof releaseSchema>;

/** The meaning of each reason, and what somebody can do before renewals are released. */
const remedies: Readonly<Record<string, string>> = {
  database_behind:
    'The database lacks renewals that this replica has seen: it was probably restored from a backup. Restore a newer state if there is one; otherwise release, and authorise again what then asks for it.',
  database_diverged:
    'The database holds other grants than those this replica has renewed. Check that DATABASE_URL names the right database, then release.',
  other_deployment:
    'The journal in GRANTKEEPER_DATA_DIR belongs to another installation. Give this replica a data directory of its own, or release.',
};

export const holdSchema = z.strictObject({
  held: z.boolean().describe('While true nothing is renewed; tokens that are still valid are served.'),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  held_at: timestamp.nullable(),
  released_at: timestamp.nullable(),
  released_by: z.string().nullable(),
});

/** The last hold there was; nulls when there never was one. */
export function holdJson(hold: Hold | null): z.input<typeof holdSchema> {
  return {
    held: hold !== null && hold.releasedAt === null,
    reason: hold?.reason ?? null,
    remedy: remedies[hold?.reason ?? ''] ?? null,
    details: hold?.details ?? {},
    held_at: hold ? rfc3339(hold.heldAt) : null,
    released_at: hold?.releasedAt ? rfc3339(hold.releasedAt) : null,
    released_by: hold?.releasedBy ?? null,
  };
}
