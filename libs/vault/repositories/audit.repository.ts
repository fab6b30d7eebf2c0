import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { Database } from '../database.js';
import { AuditEvent } from '../entities/audit-event.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';

export interface NewAuditEvent {
  /** Null: the platform's own chain. */
  readonly tenantId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  /** Never a secret. */
  readonly data?: Record<string, unknown>;
}

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Adds one row to its chain; rows of one chain are added one after the other. */
  async append({ data = {}, ...event }: NewAuditEvent): Promise<void> {
    await this.scope(event.tenantId, async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtext('gk.audit_events ' || $1))", [
        event.tenantId ?? '',
      ]);
      const [previous] = await manager.find(AuditEvent, {
        where: { tenantId: event.tenantId ?? IsNull() },
        order: { id: 'DESC' },
        take: 1,
      });
      const [clock] = await manager.query<{ now: Date }[]>('select gk.now() as now');
      const createdAt = clock?.now ?? new Date();
      const previousHash = previous?.hash ?? null;
      const hash = auditHash({ ...event, data, createdAt, previousHash });
      await manager.insert(AuditEvent, { ...event, data: data as object, createdAt, previousHash, hash });
    });
  }

  list(tenantId: string | null, page: PageRequest): Promise<Page<AuditEvent>> {
    return this.scope(tenantId, (manager) =>
      findPage(manager.getRepository(AuditEvent), { tenantId: tenantId ?? IsNull() }, page),
    );
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}

/** What binds a row to all rows before it: SHA-256 over its members in this order, and the hash before. */
export function auditHash(event: Omit<AuditEvent, 'id' | 'hash'>): Buffer {
  const { tenantId, actor, action, target, outcome, data, createdAt, previousHash } = event;
  const members = [tenantId, actor, action, target, outcome, canonical(data), createdAt.toISOString()];
  return createHash('sha256')
    .update(previousHash ?? '')
    .update(JSON.stringify(members))
    .digest();
}

/** jsonb does not keep the order of members. */
function canonical(data: Record<string, unknown>): unknown {
  return Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
}
