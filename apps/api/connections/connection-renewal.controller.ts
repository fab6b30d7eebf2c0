import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { ConnectionRepository } from '#vault';
import {
  numberedPageQuerySchema,
  type PageQuery,
  pageJson,
  pageOf,
  pageRequest,
} from '../http/page.schemas.js';
import { Answers } from '../openapi/answers.js';
import {
  connectionEventJson,
  connectionEventSchema,
  connectionJson,
  connectionSchema,
} from './connection.schemas.js';
import { ConnectionService } from './connection.service.js';

@ApiTags('connections')
@Controller('v1/tenants/:tenant/connections/:id')
export class ConnectionRenewalController {
  constructor(
    private readonly service: ConnectionService,
    private readonly connections: ConnectionRepository,
  ) {}

  @Post('renew')
  @HttpCode(200)
  @Allow('connection.change')
  @Answers(200, 'Renew now, and answer after it', connectionSchema, 422)
  async renew(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return connectionJson(await this.service.renew(tenant.id, id), tenant.slug);
  }

  @Get('events')
  @Allow('connection.read')
  @Answers(
    200,
    'What happened to a connection in the last 90 days, oldest first',
    pageOf(connectionEventSchema),
  )
  async events(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Query({ schema: numberedPageQuerySchema }) query: PageQuery,
  ) {
    const connection = await this.service.find(tenant.id, id);
    return pageJson(
      await this.connections.events(tenant.id, connection.id, pageRequest(query)),
      connectionEventJson,
    );
  }
}
