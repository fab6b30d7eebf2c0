import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { type Resent, WebhookService } from '#events';
import { DeliveryRepository, WebhookRepository } from '#vault';
import { pageJson, pageOf, pageRequest } from '../http/page.schemas.js';
import { Answers } from '../openapi/answers.js';
import { Problem } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import { type DeliveryQuery, deliveryJson, deliveryQuerySchema, deliverySchema } from './webhook.schemas.js';

@ApiTags('webhooks')
@Controller('v1/tenants/:tenant')
@Allow('webhook.manage')
export class DeliveriesController {
  constructor(
    private readonly service: WebhookService,
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: DeliveryRepository,
  ) {}

  @Get('webhooks/:id/deliveries')
  @Answers(200, 'List what a webhook was sent or is to be sent, oldest first', pageOf(deliverySchema))
  async list(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Query({ schema: deliveryQuerySchema }) query: DeliveryQuery,
  ) {
    if (!(await this.webhooks.find(tenant.id, id))) throw notFound();
    const page = await this.deliveries.list(tenant.id, id, query.status, pageRequest(query));
    return pageJson(page, deliveryJson);
  }

  @Post('webhooks/:id/deliveries/:delivery/resend')
  @HttpCode(200)
  @Answers(200, 'Send a delivery of this webhook again, under the same id', deliverySchema)
  async resendOf(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Param('delivery') delivery: string,
  ) {
    return resentJson(await this.service.resend(tenant.id, delivery, id));
  }

  @Post('deliveries/:id/resend')
  @HttpCode(200)
  @Answers(200, 'Send a delivery again, under the same id', deliverySchema)
  async resend(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return resentJson(await this.service.resend(tenant.id, id));
  }
}

function resentJson(resent: Resent) {
  if (resent === 'not_found') throw notFound();
  if (resent === 'still_pending') {
    throw new Problem('conflict', { detail: 'It is still being delivered, and is tried again by itself.' });
  }
  if (resent === 'webhook_disabled') {
    throw new Problem('conflict', {
      detail: 'The webhook is disabled: its endpoint answered 410 Gone.',
      remedy: 'Delete the webhook and add it again.',
    });
  }
  return deliveryJson(resent);
}
