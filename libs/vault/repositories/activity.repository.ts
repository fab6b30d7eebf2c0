import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** So many of the newest rows are looked at: what a page shows must cost milliseconds however much there is. */
const mostLookedAt = 10_000;

export interface HourOfEvents {
  readonly hour: Date;
  readonly type: string;
  readonly count: number;
}

export interface ConnectionReader {
  readonly reader: string;
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
}

/** Events of a tenant, added up. */
@Injectable()
export class ActivityRepository {
  constructor(private readonly database: Database) {}

  /** The events of the connections of a tenant, by hour and type. */
  perHour(tenantId: string, hours: number): Promise<HourOfEvents[]> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.query<HourOfEvents[]>(
        `select date_trunc('hour', created_at) as hour, type, count(*)::integer as count
         from (select created_at, type from gk.connection_events
           where tenant_id = $1 and created_at > (select date_trunc('hour', gk.now()) - make_interval(hours => $2))
           order by created_at desc limit ${mostLookedAt}) newest
         group by 1, 2 order by 1, 2`,
        [tenantId, hours - 1],
      ),
    );
  }

  /** Who has read the token of a connection, as the newest events of the audit trail tell. */
  readers(tenantId: string, connection: string): Promise<ConnectionReader[]> {
    return this.database.inTenant(tenantId, (manager) =>
      manager.query<ConnectionReader[]>(
        `select actor as reader, sum(coalesce((data->>'count')::integer, 1))::integer as count,
           min(coalesce((data->>'from')::timestamptz, created_at)) as "from",
           max(coalesce((data->>'to')::timestamptz, created_at)) as "to"
         from (select actor, action, data, created_at from gk.audit_events where tenant_id = $1
           order by sequence desc limit ${mostLookedAt}) newest
         where action = 'token.read' and data->>'connection' = $2 group by 1 order by 4 desc limit 100`,
        [tenantId, connection],
      ),
    );
  }
}
