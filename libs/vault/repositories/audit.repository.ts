import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { AuditTrail, type Checkpoint, type NewAuditEvent } from '../audit/audit-trail.js';
import { CallerChange } from '../audit/caller-change.js';
import { Database } from '../database.js';
import { AuditEvent } from '../entities/audit-event.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';

@Injectable()
export class AuditRepository {
  constructor(
    private readonly database: Database,
    private readonly trail: AuditTrail,
  ) {}

  append({ tenantId, ...event }: NewAuditEvent): Promise<void> {
    return this.appendAll(tenantId, [event]);
  }

  /** Adds events to one chain, in one transaction. */
  async appendAll(
    tenantId: string | null,
    events: readonly Omit<NewAuditEvent, 'tenantId'>[],
  ): Promise<void> {
    const committed = await this.scope(tenantId, (manager) => this.trail.append(manager, tenantId, events));
    committed();
  }

  /** A change whose event is written by the transaction that makes it. */
  change(event: () => NewAuditEvent): CallerChange {
    return new CallerChange(this.trail, event);
  }

  list(tenantId: string | null, page: PageRequest): Promise<Page<AuditEvent>> {
    return this.scope(tenantId, (manager) =>
      findPage(manager.getRepository(AuditEvent), { tenantId: tenantId ?? IsNull() }, page),
    );
  }

  checkpoint(tenantId: string | null): Promise<Checkpoint> {
    return this.scope(tenantId, async (manager) =>
      this.trail.checkpoint(tenantId, await this.trail.head(manager, tenantId)),
    );
  }

  private scope<T>(tenantId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tenantId === null ? this.database.inPlatform(work) : this.database.inTenant(tenantId, work);
  }
}
