import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { AuditRepository, type Checkpoint } from '#vault';
import {
  numberedPageQuerySchema,
  type PageQuery,
  pageJson,
  pageOf,
  pageRequest,
} from '../http/page.schemas.js';
import { Answers } from '../openapi/answers.js';
import { auditEventJson, auditEventSchema, checkpointSchema } from './audit.schemas.js';

@ApiTags('audit')
@Controller('v1')
export class AuditController {
  constructor(private readonly audit: AuditRepository) {}

  @Get('audit_events')
  @Allow('platform_audit.read')
  @Answers(200, 'What was done to the platform, oldest first', pageOf(auditEventSchema))
  async platform(@Query({ schema: numberedPageQuerySchema }) query: PageQuery) {
    return pageJson(await this.audit.list(null, pageRequest(query)), auditEventJson);
  }

  @Get('tenants/:tenant/audit_events')
  @Allow('audit.read')
  @Answers(200, 'What was done inside a tenant, oldest first', pageOf(auditEventSchema))
  async tenant(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: numberedPageQuerySchema }) query: PageQuery,
  ) {
    return pageJson(await this.audit.list(tenant.id, pageRequest(query)), auditEventJson);
  }

  @Get('audit_events/checkpoint')
  @Allow('platform_audit.read')
  @Answers(200, "The end of the platform's chain, signed; keep it elsewhere", checkpointSchema)
  platformCheckpoint(): Promise<Checkpoint> {
    return this.audit.checkpoint(null);
  }

  @Get('tenants/:tenant/audit_events/checkpoint')
  @Allow('audit.read')
  @Answers(200, "The end of a tenant's chain, signed; keep it elsewhere", checkpointSchema)
  tenantCheckpoint(@CurrentTenant() tenant: TenantRef): Promise<Checkpoint> {
    return this.audit.checkpoint(tenant.id);
  }
}
