import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

const rows = {
  connections: 'from gk.connections',
  credentials: 'from gk.credentials',
  api_keys: 'from gk.api_keys',
  open_links: 'from gk.authorization_sessions where returned_at is null and expires_at > gk.now()',
} as const;

/** A tenant may have only so many of each of these. Of webhooks it may have fewer: see `WebhookRepository`. */
export type QuotaKind = keyof typeof rows;

@Injectable()
export class QuotaRepository {
  constructor(private readonly database: Database) {}

  /** How many there are; counted no further than `most`. */
  count(tenantId: string, kind: QuotaKind, most: number): Promise<number> {
    return this.database.inTenant(tenantId, async (manager) => {
      const [row] = await manager.query<{ n: number }[]>(
        `select count(*)::int as n from (select 1 ${rows[kind]} limit $1) counted`,
        [most],
      );
      return row?.n ?? 0;
    });
  }
}
