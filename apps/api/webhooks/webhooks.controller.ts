import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { WebhookService } from '#events';
import { type Webhook, WebhookRepository } from '#vault';
import { type PageQuery, pageJson, pageOf, pageQuerySchema, pageRequest } from '../http/page.schemas.js';
import { ReplayWithout } from '../idempotency/replay-without.js';
import { Answers } from '../openapi/answers.js';
import { invalidField } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import {
  createdWebhookSchema,
  type NewWebhookBody,
  newWebhookSchema,
  webhookJson,
  webhookSchema,
} from './webhook.schemas.js';

@ApiTags('webhooks')
@Controller('v1/tenants/:tenant/webhooks')
@Allow('webhook.manage')
export class WebhooksController {
  constructor(
    private readonly service: WebhookService,
    private readonly webhooks: WebhookRepository,
  ) {}

  @Post()
  @ReplayWithout('secret')
  @Answers(201, 'Add a webhook; its secret is shown once', createdWebhookSchema)
  async create(
    @CurrentTenant() tenant: TenantRef,
    @Body({ schema: newWebhookSchema }) { url, description = null, events = null }: NewWebhookBody,
  ) {
    const created = await this.service.create(tenant.id, { url, description, events });
    if (created === 'url_refused') {
      throw invalidField(
        'url',
        'must be public https',
        'Use an https address that can be reached from everywhere, or have the operator allow this one.',
      );
    }
    return { ...webhookJson(created.webhook), secret: created.secret };
  }

  @Get()
  @Answers(200, 'List webhooks, without their secrets', pageOf(webhookSchema))
  async list(@CurrentTenant() tenant: TenantRef, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return pageJson(await this.webhooks.list(tenant.id, pageRequest(query)), webhookJson);
  }

  @Get(':id')
  @Answers(200, 'Read a webhook, without its secret', webhookSchema)
  async read(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    const webhook: Webhook | null = await this.webhooks.find(tenant.id, id);
    if (!webhook) throw notFound();
    return webhookJson(webhook);
  }

  @Delete(':id')
  @HttpCode(204)
  @Answers(204, 'Delete a webhook and its deliveries')
  async remove(@CurrentTenant() tenant: TenantRef, @Param('id') id: string): Promise<void> {
    if (!(await this.webhooks.remove(tenant.id, id))) throw notFound();
  }
}
