import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { ActivityRepository } from '#vault';
import { ConnectionService } from '../connections/connection.service.js';
import { rfc3339 } from '../http/common.schemas.js';
import { Answers } from '../openapi/answers.js';
import { readersSchema } from './activity.schemas.js';

/** For the console, from the newest 10,000 events. */
@ApiTags('audit')
@Controller('v1/tenants/:tenant/connections/:id/readers')
export class ReadersController {
  constructor(
    private readonly activity: ActivityRepository,
    private readonly connections: ConnectionService,
  ) {}

  @Get()
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
