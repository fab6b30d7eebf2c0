import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { type GrantType, grantTraits } from '#provider-kit';
import { describeChange } from '../audit/caller-change.js';
import { added, changes, removed } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import { refusingDuplicates } from '../database-errors.js';
import { Connection, type Labels, type LastError, type RenewalMode } from '../entities/connection.entity.js';
import { ConnectionEvent } from '../entities/connection-event.entity.js';
import { findPage, type Page, type PageRequest, pageOf } from '../page.js';
import { newRowId } from '../row-id.js';
import { type ConnectionFilter, credentialIdsOf, idsOfPage } from './connection-filter.js';
import { type NewPendingGrant, PendingGrantRepository } from './pending-grant.repository.js';

export interface NewConnection {
  readonly slug: string;
  readonly credentialId: string;
  readonly grant: GrantType;
  readonly subject: string | null;
  readonly requestedScope: string | null;
  readonly renewal: RenewalMode;
  /** None when absent. */
  readonly labels?: Labels;
  /** SHA-256 of what only one connection may ask for; null where connections do not disturb each other. */
  readonly exclusiveKey?: Buffer | null;
  /** The grant that its first request sends; null for client credentials, and for what is still to be obtained. */
  readonly pending?: NewPendingGrant | null;
  /** Seconds after which the worker takes over a first grant that nobody finished; null: it never does. */
  readonly takeOverSeconds: number | null;
}

const withCredential = { credential: true } as const;

@Injectable()
export class ConnectionRepository {
  constructor(
    private readonly database: Database,
    private readonly pendingGrants: PendingGrantRepository,
  ) {}

  /**
   * Adds a pending connection without a token: generation 0.
   * @throws VaultError `duplicate`
   */
  create(
    tenantId: string,
    { takeOverSeconds, exclusiveKey, pending, ...connection }: NewConnection,
  ): Promise<Connection> {
    return refusingDuplicates(
      this.database.inTenant(tenantId, async (manager) => {
        const id = newRowId();
        await manager.insert(Connection, { ...connection, id, tenantId, status: 'pending', generation: 0 });
        await manager.query('update gk.connections set exclusive_key = $2, rotating = $3 where id = $1', [
          id,
          exclusiveKey ?? null,
          grantTraits[connection.grant].keepsRefreshToken,
        ]);
        if (pending) await this.pendingGrants.putWithin(manager, tenantId, id, pending);
        if (takeOverSeconds !== null) {
          await manager.query(
            'update gk.connections set next_renewal_at = gk.now() + make_interval(secs => $2) where id = $1',
            [id, takeOverSeconds],
          );
        }
        const row = await manager.findOneOrFail(Connection, {
          where: { tenantId, id },
          relations: withCredential,
        });
        describeChange(manager, added(fieldsOf(row)));
        return row;
      }),
    );
  }

  find(tenantId: string, slug: string): Promise<Connection | null> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.findOne(Connection, { where: { tenantId, slug }, relations: withCredential }),
    );
  }

  findById(tenantId: string, id: string): Promise<Connection | null> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.findOne(Connection, { where: { tenantId, id }, relations: withCredential }),
    );
  }

  /**
   * Notes that an authorisation came to nothing. A connection with a grant that lives keeps its status.
   * @param error holds no secret
   */
  async noteUnauthorized(
    tenantId: string,
    id: string,
    error: Pick<LastError, 'code' | 'remedy' | 'provider_error'>,
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (manager) => {
      const [clock] = await manager.query<{ now: Date }[]>('select gk.now() as now');
      const at = clock?.now.toISOString() ?? '';
      const lastError: LastError = { ...error, at, attempts: 0, next_attempt_at: null };
      const [rows] = await manager.query<[unknown[], number]>(
        `update gk.connections set status = 'reauthorization_required', next_renewal_at = null, updated_at = gk.now(),
           last_error = $3
         where tenant_id = $1 and id = $2 and status in ('pending', 'reauthorization_required') returning id`,
        [tenantId, id, JSON.stringify(lastError)],
      );
      await manager.query(
        `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
         values ($1, $2, $3, jsonb_build_object('code', $4::text), gk.now())`,
        [
          tenantId,
          id,
          rows.length > 0 ? 'connection.reauthorization_required' : 'connection.authorization_failed',
          error.code,
        ],
      );
    });
  }

  /** Whether another connection has what only one may ask for. */
  isTaken(tenantId: string, exclusiveKey: Buffer, exceptId: string): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const rows = await manager.query<unknown[]>(
        'select from gk.connections where tenant_id = $1 and exclusive_key = $2 and id <> $3',
        [tenantId, exclusiveKey, exceptId],
      );
      return rows.length > 0;
    });
  }

  list(tenantId: string, filter: ConnectionFilter, page: PageRequest): Promise<Page<Connection>> {
    return this.database.inTenant(tenantId, async (manager) => {
      const credentialIds = await credentialIdsOf(manager, tenantId, filter);
      const { statement, parameters } = idsOfPage(tenantId, filter, page, credentialIds);
      const found = await manager.query<{ id: string }[]>(statement, [...parameters]);
      const rows = await manager.find(Connection, {
        where: { tenantId, id: In(found.map(({ id }) => id)) },
        relations: withCredential,
        order: { id: 'ASC' },
      });
      return pageOf(rows, page);
    });
  }

  /** In place of all labels of before. */
  async setLabels(tenantId: string, id: string, labels: Labels): Promise<void> {
    await this.database.inTenant(tenantId, async (manager) => {
      const before = await manager.findOneBy(Connection, { tenantId, id });
      describeChange(manager, changes({ labels: before?.labels }, { labels }));
      await manager.query(
        'update gk.connections set labels = $3, updated_at = gk.now() where tenant_id = $1 and id = $2',
        [tenantId, id, JSON.stringify(labels)],
      );
    });
  }

  /** @param by who says so, for the history */
  async setPaused(tenantId: string, id: string, paused: boolean, by: string): Promise<void> {
    await this.database.inTenant(tenantId, (manager) =>
      manager.query(
        `with changed as (
           update gk.connections set paused = $3, updated_at = gk.now()
           where tenant_id = $1 and id = $2 and paused <> $3 returning id)
         insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
         select $1, id, $4, jsonb_build_object('by', $5::text), gk.now() from changed`,
        [tenantId, id, paused, paused ? 'connection.paused' : 'connection.resumed', by],
      ),
    );
  }

  /** @param due when it is now due, where neither a failure nor a pending grant has its own say */
  async setRenewal(
    tenantId: string,
    id: string,
    renewal: RenewalMode,
    due: { readonly nextRenewalAt: Date | null; readonly renewAheadAt: Date | null },
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (manager) => {
      const before = await manager.findOneBy(Connection, { tenantId, id });
      describeChange(manager, changes({ renewal: before?.renewal }, { renewal }));
      await manager.query(
        `update gk.connections c set renewal = $3, updated_at = gk.now(),
           next_renewal_at = case when status = 'active'
             and not exists (select from gk.pending_grants g where g.connection_id = c.id) then $4 else next_renewal_at end,
           renew_ahead_at = $5, last_read_at = null
         where tenant_id = $1 and id = $2`,
        [tenantId, id, renewal, due.nextRenewalAt, due.renewAheadAt],
      );
    });
  }

  /**
   * Notes that a caller saw the token of this generation refused.
   * @returns false when another rejection was noted within the last 30 s
   */
  async noteRejection(tenantId: string, id: string): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [rows] = await manager.query<[unknown[], number]>(
        `update gk.connections set last_rejection_at = gk.now()
         where tenant_id = $1 and id = $2 and (last_rejection_at is null or last_rejection_at <= gk.now() - interval '30 seconds')
         returning id`,
        [tenantId, id],
      );
      return rows.length > 0;
    });
  }

  /** @param failure told in the event of the removal: why the grant was not revoked at its provider */
  async remove(
    tenantId: string,
    id: string,
    failure?: { readonly code: string; readonly remedy: string },
  ): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      if (failure) {
        // Read by the trigger announce_removal, in this transaction only.
        await manager.query("select set_config('gk.revocation_failure', $1, true)", [
          JSON.stringify(failure),
        ]);
      }
      const row = await manager.findOneBy(Connection, { tenantId, id });
      if (!row) return false;
      describeChange(manager, removed({ id: row.slug, grant: row.grant, subject: row.subject }));
      return ((await manager.delete(Connection, { tenantId, id })).affected ?? 0) > 0;
    });
  }

  events(tenantId: string, connectionId: string, page: PageRequest): Promise<Page<ConnectionEvent>> {
    return this.database.inTenant(tenantId, (manager) =>
      findPage(manager.getRepository(ConnectionEvent), { tenantId, connectionId }, page),
    );
  }
}

/** As the API names them. */
function fieldsOf({ slug, credential, grant, subject, requestedScope, renewal, labels }: Connection) {
  return { id: slug, credential: credential?.slug, grant, subject, scope: requestedScope, renewal, labels };
}
