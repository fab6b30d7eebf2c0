import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { AuditTrail, type Checkpoint, type NewAuditEvent } from '../audit/audit-trail.js';
import { CallerChange } from '../audit/caller-change.js';
import { Database } from '../database.js';
import { AuditEvent } from '../entities/audit-event.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';

/** Events among which a batch is looked for that may have been written a moment ago. */
const lookedBack = 10_000;

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

  /**
   * Adds the events of a batch whose outcome was never heard.
   * @param batch that each of them names in its data
   */
  async appendUnlessThere(
    tenantId: string,
    events: readonly Omit<NewAuditEvent, 'tenantId'>[],
    batch: string,
  ): Promise<void> {
    const committed = await this.scope(tenantId, async (manager) => {
      const head = await this.trail.lock(manager, tenantId);
      const there = await manager.query<unknown[]>(
        `select 1 from (select data from gk.audit_events where tenant_id = $1 order by sequence desc limit ${lookedBack}) e
         where data->>'batch' = $2 limit 1`,
        [tenantId, batch],
      );
      return this.trail.append(manager, tenantId, there.length > 0 ? [] : events, head);
    });
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
