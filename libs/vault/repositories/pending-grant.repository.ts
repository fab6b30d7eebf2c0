import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { grantTraits } from '#provider-kit';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import { PendingGrant } from '../entities/pending-grant.entity.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { boundContents } from './bound-contents.js';
import { dataKeysOf } from './data-keys.js';
import { type PendingGrantContents, pendingGrantBinding } from './pending-grant-contents.js';

export interface NewPendingGrant {
  readonly contents: PendingGrantContents;
  /** CIBA: seconds between two polls, and until the first. */
  readonly intervalSeconds: number | null;
  /** Until the one-time credential ends at the provider; null where unknown. */
  readonly expiresInSeconds: number | null;
  /** Seconds until the worker exchanges it, if nobody does before; null: it never does. */
  readonly dueInSeconds: number | null;
}

@Injectable()
export class PendingGrantRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** Whether anything is still to be exchanged. */
  async waits(tenantId: string, connectionId: string): Promise<boolean> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.existsBy(PendingGrant, { tenantId, connectionId }),
    );
  }

  /** Keeps what the connection's next request is to send, in the place of what was kept before. */
  put(tenantId: string, connectionId: string, pending: NewPendingGrant): Promise<void> {
    return this.database.inTenant(tenantId, (manager) =>
      this.putWithin(manager, tenantId, connectionId, pending),
    );
  }

  /** The same as part of a larger transaction. */
  async putWithin(
    manager: EntityManager,
    tenantId: string,
    connectionId: string,
    { contents, intervalSeconds, expiresInSeconds, dueInSeconds }: NewPendingGrant,
  ): Promise<void> {
    const id = newRowId();
    const { type } = contents.grant;
    const { polled, repeatable } = grantTraits[type];
    const [key] = await dataKeysOf(manager, tenantId);
    // Locks in the order of every end of an attempt, which may run at this moment: the connection first.
    const [before] = await manager.query<{ credential_id: string; due: Date | null }[]>(
      'select credential_id, next_renewal_at as due from gk.connections where id = $1 for update',
      [connectionId],
    );
    if (!before) throw new VaultError('tenant_gone');
    const bound = boundContents(contents, before.credential_id);
    const sealed = await this.sealer.seal(bound, key, pendingGrantBinding(tenantId, id));
    const [replaced] = await manager.query<[{ due: Date | null }[], number]>(
      `delete from gk.pending_grants where tenant_id = $1 and connection_id = $2 returning replaced_due_at as due`,
      [tenantId, connectionId],
    );
    const replacedDueAt = (replaced[0] ?? before).due;
    await manager.query(
      `insert into gk.pending_grants (id, tenant_id, connection_id, type, polled, sealed, interval_seconds, expires_at,
         replaced_due_at)
       values ($1, $2, $3, $4, $5, $6, $7, gk.now() + make_interval(secs => $8), $9)`,
      [id, tenantId, connectionId, type, polled, sealed, intervalSeconds, expiresInSeconds, replacedDueAt],
    );
    await manager.query(
      `update gk.connections set failed_attempts = 0, updated_at = gk.now(),
         next_renewal_at = gk.now() + make_interval(secs => $2),
         retry_not_before = gk.now() + make_interval(secs => $3),
         -- This one was never sent.
         journal_wait_until = null, rotating = $4
       where id = $1`,
      [connectionId, dueInSeconds, intervalSeconds, !repeatable],
    );
  }
}
