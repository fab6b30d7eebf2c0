import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, Sensitive, type TenantRef } from '#access';
import { type PageQuery, pageOf, pageQuerySchema } from '../http/page.schemas.js';
import { ReplayWithout } from '../idempotency/replay-without.js';
import { Answers } from '../openapi/answers.js';
import {
  apiKeySchema,
  createdApiKeySchema,
  type NewTenantKeyBody,
  newTenantKeySchema,
} from './api-key.schemas.js';
import { ApiKeyService } from './api-key.service.js';

@ApiTags('API keys')
@Controller('v1/tenants/:tenant/api_keys')
@Allow('api_key.manage')
export class TenantKeysController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @Sensitive(true)
  @ReplayWithout('key')
  @Answers(201, 'Create a key of the tenant; it is shown once', createdApiKeySchema)
  create(@CurrentTenant() tenant: TenantRef, @Body({ schema: newTenantKeySchema }) body: NewTenantKeyBody) {
    return this.keys.create(tenant.id, body);
  }

  @Get()
  @Answers(200, 'List the keys of the tenant', pageOf(apiKeySchema))
  list(@CurrentTenant() tenant: TenantRef, @Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.keys.list(tenant.id, query);
  }

  @Get(':id')
  @Answers(200, 'Read a key of the tenant', apiKeySchema)
  read(@CurrentTenant() tenant: TenantRef, @Param('id') id: string) {
    return this.keys.read(tenant.id, id);
  }

  @Delete(':id')
  @Sensitive(true)
  @HttpCode(204)
  @Answers(204, 'Revoke a key of the tenant')
  remove(@CurrentTenant() tenant: TenantRef, @Param('id') id: string): Promise<void> {
    return this.keys.remove(tenant.id, id);
  }
}
