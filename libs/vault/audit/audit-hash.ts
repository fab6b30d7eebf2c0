import { createHash } from 'node:crypto';
import type { AuditEvent } from '../entities/audit-event.entity.js';
import { canonicalJson } from './canonical-json.js';

/** The hash before the first event of a chain. */
export const startOfChain = Buffer.alloc(32);

/** Binds an event to its place and to all events before it: SHA-256 over its members in this order. */
export function auditHash(event: Omit<AuditEvent, 'hash' | 'mac'>): Buffer {
  const { tenantId, id, kid, actor, action, target, outcome, data, createdAt, previousHash } = event;
  const place = [tenantId, id, previousHash.toString('hex'), kid];
  const members = [...place, actor, action, target, outcome, data, createdAt.toISOString()];
  return createHash('sha256').update(canonicalJson(members)).digest();
}

/** The text for the MAC of an event. */
export function eventMessage(hash: Buffer): string {
  return `event ${hash.toString('hex')}`;
}

/** One event of a chain, by which all before it are named too. */
export interface ChainPlace {
  readonly sequence: number;
  /** In hex. */
  readonly hash: string;
  /** RFC 3339, by the database's clock. */
  readonly at: string;
}

/** The text for the MAC of a checkpoint or of a cut: one does not pass for the other, nor one chain for another. */
export function placeMessage(kind: 'checkpoint' | 'cut', tenantId: string | null, place: ChainPlace): string {
  return canonicalJson([kind, tenantId, place.sequence, place.hash, place.at]);
}
