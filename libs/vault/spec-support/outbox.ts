import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '#testing';
import type { AttemptEnd, DeliveryClaim } from '../repositories/delivery-claim.js';
import { addConnection, type TestVault } from './vault.js';

const refused = { httpStatus: 500, error: 'unexpected_status' } as const;

/** Ends of an attempt. */
export const ends = {
  delivered: { status: 'delivered', httpStatus: 200, error: null },
  failed: { ...refused, status: 'pending', retryInSeconds: 60 },
  dead: { ...refused, status: 'dead', disableWebhook: false },
  gone: { ...refused, httpStatus: 410, status: 'dead', disableWebhook: true },
} as const satisfies Record<string, AttemptEnd>;

export type TestOutbox = ReturnType<typeof outboxOf>;

/** Events of one tenant, and what is claimed of them. */
export function outboxOf(
  database: TestDatabase,
  vault: TestVault,
  tenant: { tenantId: string; credentialId: string },
) {
  const claim = (limit = 100, by = vault) => by.deliveries.claim(limit, { owner: randomUUID(), seconds: 30 });
  return {
    claim,
    /** @throws Error when not exactly one is claimed */
    claimOne: async (by = vault): Promise<DeliveryClaim> => {
      const [first, ...rest] = await claim(100, by);
      if (!first || rest.length > 0) throw new Error('Expected exactly one claim.');
      return first;
    },
    /** An active connection. */
    connection: async (slug: string, generation = 1): Promise<string> => {
      const { id } = await addConnection(vault, tenant, slug);
      await database.query("update gk.connections set generation = $2, status = 'active' where id = $1", [
        id,
        generation,
      ]);
      return id;
    },
    happen: (connectionId: string, type = 'connection.degraded') =>
      database.query(
        `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
         values ($1, $2, $3, '{}', gk.now())`,
        [tenant.tenantId, connectionId, type],
      ),
    /** `connection type` of each, in the order in which they happened. */
    named: async (claims: readonly DeliveryClaim[]): Promise<string[]> => {
      const rows = await database.query<{ name: string }>(
        "select connection || ' ' || type as name from gk.deliveries where id = any ($1) order by id",
        [claims.map(({ deliveryId }) => deliveryId)],
      );
      return rows.map(({ name }) => name.replace('connection.', ''));
    },
    /** Due deliveries of as many connections, written down at once. */
    pileUp: async (webhookId: string, count: number): Promise<void> => {
      await database.query(
        `insert into gk.deliveries (tenant_id, webhook_id, connection_id, connection, type, payload, next_attempt_at, give_up_at, created_at)
         select $1, $2, gen_random_uuid(), 'busy', 'connection.degraded', '{}', gk.now() - interval '1 hour', gk.now(), gk.now()
         from generate_series(1, $3)`,
        [tenant.tenantId, webhookId, count],
      );
    },
  };
}
