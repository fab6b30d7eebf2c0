import { z } from 'zod';
import type { KeyEncryptionKeyUse } from '#vault';

export const keysSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.string().describe('The id before the colon in GRANTKEEPER_KEKS.'),
      state: z
        .enum(['newest', 'older', 'unlisted'])
        .describe('The newest one wraps; an unlisted one is missing from GRANTKEEPER_KEKS.'),
      kind: z
        .enum(['local', 'aws_kms', 'transit'])
        .nullable()
        .describe('Where it is kept: in the settings, or in a key service. Null for an unlisted one.'),
      data_keys: z.int().describe('How many data keys of tenants it wraps.'),
      older_data_keys: z
        .int()
        .describe(
          'Those among them that a newer data key of their tenant replaces; each goes once nothing needs it.',
        ),
      callers: z.int().describe('How many API keys and workload identities it signs.'),
      signs_audit: z.boolean().describe('Whether audit events are verified by it; until they are pruned.'),
      removable: z.boolean().describe('Whether nothing needs it: it may be taken out of GRANTKEEPER_KEKS.'),
      remedy: z.string().nullable(),
    }),
  ),
  next_cursor: z.null(),
});

export const rewrapSchema = z.strictObject({
  rewrapped: z.int().describe('Data keys that came under the newest key-encryption key by this call.'),
  left: z
    .int()
    .describe(
      'Those that are still under another one: call again until it is 0, or nothing is rewrapped any more.',
    ),
});

export const rotationSchema = z.strictObject({
  version: z.int().describe('Of the data key that seals from now on.'),
  resealed: z.int().describe('Rows that were sealed anew by this call.'),
  left: z
    .int()
    .describe(
      'Rows that an older data key has sealed: the worker goes on, and deletes the key some time after it is 0.',
    ),
});

const remedies = {
  older: 'POST /v1/keys/rewrap until nothing is left, then take it out of GRANTKEEPER_KEKS on every replica.',
  audit: 'Audit events are verified by it: prune them first, or leave it in GRANTKEEPER_KEKS.',
  unlisted: 'Put it back into GRANTKEEPER_KEKS: what it wraps does not open without it.',
} as const;

export function keysJson(uses: readonly KeyEncryptionKeyUse[]): z.input<typeof keysSchema> {
  return {
    items: uses.map(({ id, state, kind, dataKeys, olderDataKeys, callers, signsAudit }) => ({
      id,
      state,
      kind,
      data_keys: dataKeys,
      older_data_keys: olderDataKeys,
      callers,
      signs_audit: signsAudit,
      removable: state === 'older' && dataKeys + callers === 0 && !signsAudit,
      remedy: remedyOf(state, dataKeys + callers, signsAudit),
    })),
    next_cursor: null,
  };
}

function remedyOf(
  state: KeyEncryptionKeyUse['state'],
  rewrappable: number,
  signsAudit: boolean,
): string | null {
  if (state === 'newest' || (rewrappable === 0 && !signsAudit)) return null;
  if (state === 'unlisted') return remedies.unlisted;
  return rewrappable > 0 ? remedies.older : remedies.audit;
}
