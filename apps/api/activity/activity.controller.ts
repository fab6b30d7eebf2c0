import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { ActivityRepository } from '#vault';
import { ConnectionService } from '../connections/connection.service.js';
import { rfc3339 } from '../http/common.schemas.js';
import { Answers } from '../openapi/answers.js';
import {
  type ActivityQuery,
  activityQuerySchema,
  activitySchema,
  readersSchema,
} from './activity.schemas.js';

/** Sums for the console, from the newest 10,000 events. */
@Controller('v1/tenants/:tenant')
export class ActivityController {
  constructor(
    private readonly activity: ActivityRepository,
    private readonly connections: ConnectionService,
  ) {}

  @Get('activity')
  @ApiTags('connections')
  @Allow('connection.read')
  @Answers(200, 'What happened to the connections of a tenant, by hour and type', activitySchema)
  async perHour(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: activityQuerySchema }) { hours }: ActivityQuery,
  ) {
    const items = await this.activity.perHour(tenant.id, hours);
    return { items: items.map(({ hour, ...counted }) => ({ hour: rfc3339(hour), ...counted })) };
  }

  @Get('connections/:id/readers')
  @ApiTags('audit')
  @Allow('audit.read')
  @Answers(200, 'Who has read the token of a connection, latest first', readersSchema)
  async readers(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    const { slug } = await this.connections.find(tenant.id, id);
    const items = await this.activity.readers(tenant.id, slug);
    return {
      items: items.map(({ from, to, ...read }) => ({ ...read, from: rfc3339(from), to: rfc3339(to) })),
    };
  }
}
