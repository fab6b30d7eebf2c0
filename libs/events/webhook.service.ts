import { Injectable } from '@nestjs/common';
import { GuardedHttpClient } from '#egress';
import { type Delivery, DeliveryRepository, type Webhook, WebhookRepository } from '#vault';
import type { EventType } from './event-types.js';
import { newSigningSecret, rowIdOf } from './signature.js';

export interface WantedWebhook {
  readonly url: string;
  readonly description: string | null;
  /** Null: all types. */
  readonly events: readonly EventType[] | null;
}

export type Resent = Delivery | 'not_found' | 'still_pending' | 'webhook_disabled';

@Injectable()
export class WebhookService {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly http: GuardedHttpClient,
  ) {}

  /** @returns the webhook and its secret, which is not shown again; or that nothing may be sent there */
  async create(
    tenantId: string,
    wanted: WantedWebhook,
  ): Promise<{ webhook: Webhook; secret: string } | 'url_refused'> {
    if (!this.http.allows(wanted.url)) return 'url_refused';
    const secret = newSigningSecret();
    return { webhook: await this.webhooks.create(tenantId, { ...wanted, secret }), secret };
  }

  /**
   * @param id of the message
   * @param webhookId where it must be one of this webhook
   */
  async resend(tenantId: string, id: string, webhookId?: string): Promise<Resent> {
    const rowId = rowIdOf(id);
    if (rowId === undefined) return 'not_found';
    return (await this.deliveries.resend(tenantId, rowId, webhookId)) ?? 'not_found';
  }
}
