import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { GrantProbeService } from '#connect';
import { Answers } from '../openapi/answers.js';
import { ConnectionService } from './connection.service.js';

const probeSchema = z.strictObject({
  alive: z.boolean().nullable().describe('null: nobody could tell, and reason says why.'),
  reason: z
    .string()
    .optional()
    .describe(
      'token_inactive, token_refused; not_probeable, no_live_token, provider_unavailable, or the code of what stands in the way.',
    ),
});

@ApiTags('connections')
@Controller('v1/tenants/:tenant/connections/:id')
export class ConnectionProbeController {
  constructor(
    private readonly service: ConnectionService,
    private readonly probes: GrantProbeService,
  ) {}

  @Post('probe')
  @HttpCode(200)
  @Allow('connection.probe')
  @Answers(200, 'Ask the provider whether the grant lives; the connection stays as it is', probeSchema)
  async probe(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return this.probes.probe(tenant.id, await this.service.find(tenant.id, id));
  }
}
