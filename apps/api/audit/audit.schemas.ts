import { z } from 'zod';
import type { AuditEvent, Checkpoint } from '#vault';
import { rfc3339, timestamp } from '../http/common.schemas.js';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

export const auditEventSchema = z.strictObject({
  id: z.string().describe('The sequence as text.'),
  sequence: z.int().describe('Its place in the chain, from 1 without a gap.'),
  at: timestamp,
  actor: z.string().describe('API key id, or issuer and subject of a workload; anonymous for a browser.'),
  action: z.string(),
  target: z.string().nullable(),
  outcome: z.string(),
  data: z.record(z.string(), z.unknown()),
  previous_hash: hex.describe('hash of the event before it; zeros before the first.'),
  hash: hex.describe('SHA-256 over this event, its place and previous_hash, in hex.'),
  kid: z.string().describe('The key-encryption key from which the key of mac is derived.'),
  mac: hex.describe('HMAC-SHA-256 over hash, in hex.'),
});

export function auditEventJson(event: AuditEvent): z.input<typeof auditEventSchema> {
  return {
    id: event.id,
    sequence: Number(event.id),
    at: rfc3339(event.createdAt),
    actor: event.actor,
    action: event.action,
    target: event.target,
    outcome: event.outcome,
    data: event.data,
    previous_hash: event.previousHash.toString('hex'),
    hash: event.hash.toString('hex'),
    kid: event.kid,
    mac: event.mac.toString('hex'),
  };
}

/** Kept elsewhere than the database, it shows when events at the end of the chain are gone. */
export const checkpointSchema: z.ZodType<Checkpoint> = z.strictObject({
  sequence: z.int().min(0).describe('Of the last event; 0 where there is none yet.'),
  hash: hex.describe('Of the last event.'),
  at: timestamp,
  mac: hex.describe('HMAC-SHA-256 over the chain and the other members, in hex.'),
});
