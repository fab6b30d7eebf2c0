import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { OverviewRepository } from '#vault';
import { rfc3339 } from '../http/common.schemas.js';
import { Answers } from '../openapi/answers.js';
import { overviewSchema, providersOverviewSchema } from './overview.schemas.js';

/** For the console, from the heads of indexes. */
@ApiTags('connections')
@Controller('v1')
export class OverviewController {
  constructor(private readonly overviews: OverviewRepository) {}

  @Get('tenants/:tenant/overview')
  @Allow('connection.read')
  @Answers(200, 'The grants of a tenant that end soon, and how its providers fare', overviewSchema)
  async ofTenant(@CurrentTenant() tenant: TenantRef) {
    const { ending, upstreams } = await this.overviews.ofTenant(tenant.id);
    return {
      ending: ending.map(({ connection, ends_at }) => ({ connection, ends_at: rfc3339(new Date(ends_at)) })),
      upstreams: [...upstreams],
    };
  }

  @Get('overview')
  @Allow('tenant.list')
  @Answers(200, 'How each provider fares across all tenants', providersOverviewSchema)
  async ofProviders() {
    return { providers: await this.overviews.ofProviders() };
  }
}
