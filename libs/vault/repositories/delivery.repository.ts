import { Inject, Injectable } from '@nestjs/common';
import type { FindOptionsWhere } from 'typeorm';
import { CLOCK, type Clock } from '#provider-kit';
import { Database } from '../database.js';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import { Sealer } from '../encryption/sealer.js';
import { Delivery, type DeliveryStatus } from '../entities/delivery.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { VaultError } from '../vault.errors.js';
import type { AttemptEnd, ClaimedDelivery, DeliveryClaim } from './delivery-claim.js';
import { webhookBinding } from './webhook.repository.js';

interface LoadedRow {
  message_id: string;
  webhook_id: string;
  url: string;
  sealed: string;
  payload: Record<string, unknown>;
  attempts: number;
  attempted_at: Date;
  give_up_in_ms: number;
  data_keys: WrappedDataKey[];
}

/** The outbox of webhooks. An attempt is claimed, loaded and ended in three calls, and no transaction is open between them. */
@Injectable()
export class DeliveryRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Claims up to `limit` due deliveries of any tenant, at most one of a webhook and connection at a time. */
  async claim(limit: number, lease: { owner: string; seconds: number }): Promise<DeliveryClaim[]> {
    const askedAtMs = this.clock.monotonicMs();
    const rows = await this.database.call<{ tenant_id: string; delivery_id: string }>(
      'select * from gk.claim_deliveries($1, $2, $3)',
      [lease.owner, limit, lease.seconds],
    );
    const leaseEndsAtMs = askedAtMs + lease.seconds * 1_000;
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      deliveryId: row.delivery_id,
      owner: lease.owner,
      leaseEndsAtMs,
    }));
  }

  /** Milliseconds until the next may be claimed, negative when it is late, null when there is none. */
  async msUntilDue(): Promise<number | null> {
    const [row] = await this.database.call<{ ms: number | null }>('select gk.ms_until_delivery() as ms', []);
    return row?.ms ?? null;
  }

  /** @returns null when the webhook is gone or the lease was lost */
  async load({ tenantId, deliveryId, owner }: DeliveryClaim): Promise<ClaimedDelivery | null> {
    const [row] = await this.database.call<LoadedRow>('select * from gk.load_delivery($1, $2, $3)', [
      tenantId,
      deliveryId,
      owner,
    ]);
    if (!row) return null;
    return {
      messageId: row.message_id,
      url: row.url,
      secret: await this.secretOf(tenantId, row),
      payload: row.payload,
      attempts: row.attempts,
      attemptedAt: row.attempted_at,
      giveUpInMs: row.give_up_in_ms,
    };
  }

  /** @returns false when it was no longer the claimer's: nothing is written */
  async end({ tenantId, deliveryId, owner }: DeliveryClaim, end: AttemptEnd): Promise<boolean> {
    const [row] = await this.database.call<{ ended: boolean }>('select gk.end_attempt($1, $2) as ended', [
      tenantId,
      JSON.stringify({
        delivery_id: deliveryId,
        owner,
        status: end.status,
        http_status: end.httpStatus,
        error: end.error,
        retry_seconds: end.status === 'pending' ? end.retryInSeconds : null,
        disable: end.status === 'dead' && end.disableWebhook,
      }),
    ]);
    return row?.ended ?? false;
  }

  list(
    tenantId: string,
    webhookId: string,
    status: DeliveryStatus | undefined,
    page: PageRequest,
  ): Promise<Page<Delivery>> {
    const where: FindOptionsWhere<Delivery> = { tenantId, webhookId };
    if (status !== undefined) where.status = status;
    return this.database.inTenant(tenantId, (manager) =>
      findPage(manager.getRepository(Delivery), where, page),
    );
  }

  /**
   * Makes an ended delivery pending again, under the same message id, for another 24 hours.
   * @returns null when there is no such delivery
   */
  resend(
    tenantId: string,
    messageId: string,
    webhookId?: string,
  ): Promise<Delivery | 'still_pending' | 'webhook_disabled' | null> {
    return this.database.inTenant(tenantId, async (manager) => {
      const where = { tenantId, messageId, ...(webhookId === undefined ? {} : { webhookId }) };
      const of = await manager.findOneBy(Delivery, where);
      // Before the delivery, as its deletion and the end of an attempt do.
      const [webhook] = await manager.query<{ disabled: boolean }[]>(
        'select disabled_at is not null as disabled from gk.webhooks where id = $1 for no key update',
        [of?.webhookId ?? null],
      );
      const found = webhook && (await manager.findOneBy(Delivery, where));
      if (!webhook || !found) return null;
      if (webhook.disabled) return 'webhook_disabled';
      if (found.status === 'pending') return 'still_pending';
      await manager.query(
        `with clock as materialized (select gk.now() as now)
         update gk.deliveries set status = 'pending', attempts = 0, next_attempt_at = clock.now,
           give_up_at = clock.now + interval '24 hours', ended_at = null
         from clock where id = $1`,
        [found.id],
      );
      return manager.findOneByOrFail(Delivery, { id: found.id });
    });
  }

  private async secretOf(tenantId: string, row: LoadedRow): Promise<string | null> {
    try {
      return await this.sealer.open(row.sealed, row.data_keys, webhookBinding(tenantId, row.webhook_id));
    } catch (error) {
      if (error instanceof VaultError && (error.code === 'cannot_open' || error.code === 'unknown_key'))
        return null;
      throw error;
    }
  }
}
