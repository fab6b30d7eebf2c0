import { z } from 'zod';
import type { AuditEvent } from '#vault';
import { rfc3339, timestamp } from '../http/common.schemas.js';

export const auditEventSchema = z.strictObject({
  id: z.string(),
  at: timestamp,
  actor: z.string().describe('API key id, or issuer and subject of a workload; anonymous for a browser.'),
  action: z.string(),
  target: z.string().nullable(),
  outcome: z.string(),
  data: z.record(z.string(), z.unknown()),
  previous_hash: z.string().nullable(),
  hash: z.string().describe('SHA-256 over this event and previous_hash, in hex.'),
});

export function auditEventJson(event: AuditEvent) {
  return {
    id: event.id,
    at: rfc3339(event.createdAt),
    actor: event.actor,
    action: event.action,
    target: event.target,
    outcome: event.outcome,
    data: event.data,
    previous_hash: event.previousHash?.toString('hex') ?? null,
    hash: event.hash.toString('hex'),
  };
}
