import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, Sensitive } from '#access';
import { ChangeFeed, TenantRemovalRepository, TenantRepository } from '#vault';
import { type DryRunQuery, dryRunQuerySchema } from '../http/common.schemas.js';
import { type PageQuery, pageJson, pageOf, pageQuerySchema, pageRequest } from '../http/page.schemas.js';
import { tried } from '../http/tried.js';
import { Answers } from '../openapi/answers.js';
import { notFound } from '../problem/to-problem.js';
import {
  listedTenantJson,
  listedTenantSchema,
  type NewTenantBody,
  newTenantSchema,
  type TenantChangeBody,
  tenantChangeSchema,
  tenantJson,
  tenantSchema,
} from './tenant.schemas.js';

/** So long a call works on the removal of a tenant itself; then the worker does. */
const removalMs = 2_000;

@ApiTags('tenants')
@Controller('v1/tenants')
export class TenantsController {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly removals: TenantRemovalRepository,
    private readonly feed: ChangeFeed,
  ) {}

  @Post()
  @Allow('tenant.create')
  @Answers(201, 'Create a tenant', tenantSchema, 200)
  async create(
    @Query({ schema: dryRunQuerySchema }) { dry_run }: DryRunQuery,
    @Body({ schema: newTenantSchema }) { id: slug, name }: NewTenantBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const create = async () => tenantJson(await this.tenants.create({ slug, name }));
    return dry_run ? tried(reply, create) : create();
  }

  @Get()
  @Allow('tenant.list')
  @Answers(200, 'List tenants', pageOf(listedTenantSchema))
  async list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return pageJson(await this.tenants.list(pageRequest(query)), listedTenantJson);
  }

  @Get(':tenant')
  @Allow('tenant.read')
  @Answers(200, 'Read a tenant', tenantSchema)
  async read(@Param('tenant') slug: string) {
    return found(await this.tenants.get(slug));
  }

  @Patch(':tenant')
  @Allow('tenant.change')
  @Answers(
    200,
    'Rename a tenant, disable or enable it, or change its weight, its limits, how its token reads are audited or its pages look',
    tenantSchema,
  )
  async change(
    @Param('tenant') slug: string,
    @Body({ schema: tenantChangeSchema }) change: TenantChangeBody,
  ) {
    const { renewal_weight, rate_limit_per_second, key_rate_limit_per_second, audit_reads, ...rest } = change;
    const tenant = await this.tenants.update(slug, {
      ...rest,
      renewalWeight: renewal_weight,
      rateLimitPerSecond: rate_limit_per_second,
      keyRateLimitPerSecond: key_rate_limit_per_second,
      auditReads: audit_reads,
    });
    // The next call here finds the tenant as it is now, and does not wait for the notification to come back.
    if (tenant) this.feed.tellHere({ kind: 'tenant', id: tenant.id });
    return found(tenant);
  }

  @Delete(':tenant')
  @Sensitive(true)
  @HttpCode(204)
  @Allow('tenant.change')
  @Answers(
    204,
    'Shred a tenant: nothing of it opens again. 202 where it has so many connections that their rows go later',
    undefined,
    202,
  )
  async remove(
    @Param('tenant') slug: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const removal = await this.removals.remove(slug, removalMs);
    if (!removal) throw notFound();
    if (!removal.isDone) reply.code(202);
    this.feed.tellHere({ kind: 'tenant', id: removal.id });
  }
}

function found(tenant: Parameters<typeof tenantJson>[0] | null) {
  if (!tenant) throw notFound();
  return tenantJson(tenant);
}
