import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { type Connection, ConnectionRepository } from '#vault';
import { pageJson, pageOf, pageRequest } from '../http/page.schemas.js';
import { Answers } from '../openapi/answers.js';
import {
  type ConnectionChangeBody,
  type ConnectionQuery,
  connectionChangeSchema,
  connectionJson,
  connectionQuerySchema,
  connectionSchema,
} from './connection.schemas.js';
import { ConnectionService } from './connection.service.js';
import { type NewConnectionRequest, newConnectionSchema } from './new-connection.schemas.js';

@ApiTags('connections')
@Controller('v1/tenants/:tenant/connections')
export class ConnectionsController {
  constructor(
    private readonly service: ConnectionService,
    private readonly connections: ConnectionRepository,
  ) {}

  @Post()
  @Allow('connection.create')
  @Answers(201, 'Make a connection and get its first token', connectionSchema)
  async create(
    @CurrentTenant() tenant: TenantRef,
    @Body({ schema: newConnectionSchema }) body: NewConnectionRequest,
  ) {
    return connectionJson(await this.service.create(tenant.id, body), tenant.slug);
  }

  @Get()
  @Allow('connection.read')
  @Answers(200, 'List connections', pageOf(connectionSchema))
  async list(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: connectionQuerySchema }) query: ConnectionQuery,
  ) {
    const page = await this.connections.list(tenant.id, query, pageRequest(query));
    return pageJson(page, (row: Connection) => connectionJson(row, tenant.slug));
  }

  @Get(':id')
  @Allow('connection.read')
  @Answers(200, 'Read a connection, without its tokens', connectionSchema)
  async read(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return connectionJson(await this.service.find(tenant.id, id), tenant.slug);
  }

  @Patch(':id')
  @Allow('connection.change')
  @Answers(200, 'Change when a connection is renewed', connectionSchema)
  async change(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Body({ schema: connectionChangeSchema }) { renewal }: ConnectionChangeBody,
  ) {
    return connectionJson(await this.service.setRenewal(tenant.id, id, renewal), tenant.slug);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('connection.change')
  @Answers(204, 'Delete a connection and its tokens')
  remove(@CurrentTenant() tenant: TenantRef, @Param('id') id: string): Promise<void> {
    return this.service.remove(tenant.id, id);
  }
}
