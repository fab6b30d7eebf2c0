import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { ActivityRepository } from '#vault';
import { rfc3339 } from '../http/common.schemas.js';
import { Answers } from '../openapi/answers.js';
import { type ActivityQuery, activityQuerySchema, activitySchema } from './activity.schemas.js';

/** For the console, from the newest 10,000 events. */
@ApiTags('connections')
@Controller('v1/tenants/:tenant/activity')
export class ActivityController {
  constructor(private readonly activity: ActivityRepository) {}

  @Get()
  @Allow('connection.read')
  @Answers(200, 'What happened to the connections of a tenant, by hour and type', activitySchema)
  async perHour(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: activityQuerySchema }) { hours }: ActivityQuery,
  ) {
    const items = await this.activity.perHour(tenant.id, hours);
    return { items: items.map(({ hour, ...counted }) => ({ hour: rfc3339(hour), ...counted })) };
  }
}
