import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentTenant, Sensitive, type TenantRef } from '#access';
import { CredentialRepository } from '#vault';
import { type PageQuery, pageJson, pageOf, pageQuerySchema, pageRequest } from '../http/page.schemas.js';
import { tried } from '../http/tried.js';
import { Answers } from '../openapi/answers.js';
import { notFound } from '../problem/to-problem.js';
import {
  type CreationQuery,
  type CredentialChangeBody,
  creationQuerySchema,
  credentialChangeSchema,
  credentialJson,
  credentialSchema,
  type NewCredentialBody,
  newCredentialSchema,
  type VerifyQuery,
  verifyQuerySchema,
} from './credential.schemas.js';
import { CredentialService } from './credential.service.js';

@ApiTags('credentials')
@Controller('v1/tenants/:tenant/credentials')
export class CredentialsController {
  constructor(
    private readonly service: CredentialService,
    private readonly credentials: CredentialRepository,
  ) {}

  @Post()
  @Allow('credential.write')
  @Answers(201, 'Register client credentials', credentialSchema, 200, 422)
  async create(
    @CurrentTenant() tenant: TenantRef,
    @Query({ schema: creationQuerySchema }) { verify, dry_run }: CreationQuery,
    @Body({ schema: newCredentialSchema }) body: NewCredentialBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const create = async () => credentialJson(await this.service.create(tenant.id, body, verify));
    return dry_run ? tried(reply, create) : create();
  }

  @Get()
  @Allow('credential.read')
  @Answers(200, 'List client credentials, without their secrets', pageOf(credentialSchema))
  async list(@CurrentTenant() tenant: TenantRef, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return pageJson(await this.credentials.list(tenant.id, pageRequest(query)), credentialJson);
  }

  @Get(':id')
  @Allow('credential.read')
  @Answers(200, 'Read client credentials, without their secrets', credentialSchema)
  async read(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return credentialJson(await this.service.find(tenant.id, id));
  }

  @Patch(':id')
  @Allow('credential.write')
  @Answers(
    200,
    'Change the client id, or merge settings; where secrets go changes only with the secret',
    credentialSchema,
    422,
  )
  async change(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Query({ schema: verifyQuerySchema }) { verify }: VerifyQuery,
    @Body({ schema: credentialChangeSchema }) body: CredentialChangeBody,
  ) {
    return credentialJson(await this.service.change(tenant.id, id, body, verify));
  }

  @Delete(':id')
  @Sensitive(true)
  @HttpCode(204)
  @Allow('credential.write')
  @Answers(204, 'Delete client credentials that no connection uses')
  async remove(@CurrentTenant() tenant: TenantRef, @Param('id') id: string): Promise<void> {
    if (!(await this.credentials.remove(tenant.id, id))) throw notFound();
  }
}
