import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, type TenantRef } from '#access';
import { CredentialRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { providerErrorJson } from '../problem/provider-problem.js';
import {
  addedSecretSchema,
  type NewSecretBody,
  newSecretSchema,
  secretVersionJson,
  secretVersionsSchema,
  type VerifyQuery,
  verificationSchema,
  verifyQuerySchema,
} from './credential.schemas.js';
import { CredentialService } from './credential.service.js';

@ApiTags('credentials')
@Controller('v1/tenants/:tenant/credentials/:id')
@Allow('credential.write')
export class CredentialSecretsController {
  constructor(
    private readonly service: CredentialService,
    private readonly credentials: CredentialRepository,
  ) {}

  @Get('secrets')
  @Allow('credential.read')
  @Answers(200, 'List which secrets there are, without what they are', secretVersionsSchema)
  async versions(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    const credential = await this.service.find(tenant.id, id);
    const versions = await this.credentials.secretVersions(tenant.id, credential.id);
    return { items: versions.map(secretVersionJson) };
  }

  @Post('secrets')
  @Answers(201, 'Add the next secret; the one before keeps working', addedSecretSchema, 422)
  async add(
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Query({ schema: verifyQuerySchema }) { verify }: VerifyQuery,
    @Body({ schema: newSecretSchema }) body: NewSecretBody,
  ) {
    return { version: await this.service.addSecret(tenant.id, id, body, verify) };
  }

  @Post('verify')
  @HttpCode(200)
  @Answers(200, 'Try the newest secret against the provider', verificationSchema)
  async verify(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    const verification = await this.service.verify(tenant.id, id);
    if (verification.ok !== false) return verification;
    const { failure } = verification;
    return { ok: false, error: { ...providerErrorJson(failure), remedy: failure.remedy } };
  }
}
