import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, Caller, CurrentTenant, type Principal, Sensitive, type TenantRef } from '#access';
import { type Connection, ConnectionRepository } from '#vault';
import { type CreationQuery, creationQuerySchema } from '../credentials/credential.schemas.js';
import { pageJson, pageOf, pageRequest } from '../http/page.schemas.js';
import { tried } from '../http/tried.js';
import { ReplayWithout } from '../idempotency/replay-without.js';
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
import { type NewConnectionBody, newConnectionSchema } from './new-connection.schemas.js';
import { NewConnectionService } from './new-connection.service.js';
import { pendingConnectionSchema } from './pending-connection.js';

@ApiTags('connections')
@Controller('v1/tenants/:tenant/connections')
export class ConnectionsController {
  constructor(
    private readonly service: ConnectionService,
    private readonly making: NewConnectionService,
    private readonly connections: ConnectionRepository,
  ) {}

  @Post()
  @Allow('connection.create')
  @ReplayWithout('authorization_url')
  @Answers(
    201,
    'Make a connection: 201 when it works, 202 when somebody must still consent',
    pendingConnectionSchema,
    200,
    202,
    422,
  )
  async create(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: creationQuerySchema }) { verify, dry_run }: CreationQuery,
    @Body({ schema: newConnectionSchema }) body: NewConnectionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (dry_run) return tried(reply, () => this.making.tryOut(tenant, body, verify));
    const begun = await this.making.create(tenant, body, verify);
    reply.code(begun.status);
    return begun.body;
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
  @Answers(
    200,
    'Change the labels of a connection or when it is renewed, pause it, or lift the pause',
    connectionSchema,
  )
  async change(
    @Caller() caller: Principal,
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Body({ schema: connectionChangeSchema }) change: ConnectionChangeBody,
  ) {
    return connectionJson(await this.service.change(tenant.id, id, change, caller.callerId), tenant.slug);
  }

  @Delete(':id')
  @Sensitive(true)
  @HttpCode(204)
  @Allow('connection.change')
  @Answers(204, 'Delete a connection and its tokens')
  remove(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Caller() { callerId }: Principal,
  ): Promise<void> {
    return this.service.remove(tenant, id, callerId);
  }
}
