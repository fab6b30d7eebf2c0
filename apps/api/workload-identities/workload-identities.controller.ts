import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, isForConsole, JwtVerifier, Sensitive, type TenantRef } from '#access';
import { InjectSettings, type Settings } from '#config';
import { ChangeFeed, WorkloadIdentityRepository } from '#vault';
import { generatedSlug } from '../http/generated-slug.js';
import { type PageQuery, pageJson, pageOf, pageQuerySchema, pageRequest } from '../http/page.schemas.js';
import { Answers } from '../openapi/answers.js';
import { invalidField } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import {
  type NewWorkloadIdentityBody,
  newWorkloadIdentitySchema,
  workloadIdentityJson,
  workloadIdentitySchema,
} from './workload-identity.schemas.js';

@ApiTags('workload identities')
@Controller('v1/tenants/:tenant/workload_identities')
@Allow('workload_identity.manage')
export class WorkloadIdentitiesController {
  constructor(
    private readonly identities: WorkloadIdentityRepository,
    private readonly verifier: JwtVerifier,
    private readonly feed: ChangeFeed,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Post()
  @Sensitive(true)
  @Answers(201, 'Let the JWTs of a listed issuer come in with a role', workloadIdentitySchema)
  async create(
    @CurrentTenant() tenant: TenantRef,
    @Body({ schema: newWorkloadIdentitySchema }) body: NewWorkloadIdentityBody,
  ) {
    const { id: slug = generatedSlug('workload'), audience = null, connections = null, ...rest } = body;
    const isConsole = isForConsole(this.settings.consoleSso, { issuer: body.issuer, audience });
    if (!isConsole && !this.verifier.isListed(body.issuer)) {
      throw invalidField(
        'issuer',
        'must be an issuer that this installation knows',
        'The operator lists it in GRANTKEEPER_JWT_ISSUERS; people of GRANTKEEPER_CONSOLE_OIDC_ISSUER are bound with the client id as audience.',
      );
    }
    const identity = await this.identities.create(tenant.id, { ...rest, slug, audience, connections });
    this.feed.tellHere({ kind: 'workload_identities', id: tenant.id });
    return workloadIdentityJson(identity);
  }

  @Get()
  @Answers(200, 'List workload identities', pageOf(workloadIdentitySchema))
  async list(@CurrentTenant() tenant: TenantRef, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return pageJson(await this.identities.list(tenant.id, pageRequest(query)), workloadIdentityJson);
  }

  @Get(':id')
  @Answers(200, 'Read a workload identity', workloadIdentitySchema)
  async read(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    const identity = await this.identities.find(tenant.id, id);
    if (!identity) throw notFound();
    return workloadIdentityJson(identity);
  }

  @Delete(':id')
  @Sensitive(true)
  @HttpCode(204)
  @Answers(204, 'Delete a workload identity; its JWTs are refused within a second')
  async remove(@CurrentTenant() tenant: TenantRef, @Param('id') id: string): Promise<void> {
    if (!(await this.identities.remove(tenant.id, id))) throw notFound();
    this.feed.tellHere({ kind: 'workload_identities', id: tenant.id });
  }
}
