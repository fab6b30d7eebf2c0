import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, CurrentTenant, Sensitive, type TenantRef } from '#access';
import { DataKeyRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { rotationSchema } from './keys.schemas.js';

/** How long one call seals rows anew, milliseconds: clients and proxies wait longer than this. */
const resealMs = 5_000;

/** The data key of one tenant. */
@ApiTags('keys')
@Controller('v1/tenants/:tenant/keys')
export class DataKeysController {
  constructor(private readonly dataKeys: DataKeyRepository) {}

  @Post('rotate')
  @Sensitive(true)
  @HttpCode(200)
  @Allow('data_key.rotate')
  @Answers(
    200,
    'Replace the data key of a tenant, or go on with that; what it has sealed is sealed anew',
    rotationSchema,
  )
  rotate(@CurrentTenant() tenant: TenantRef) {
    return this.dataKeys.rotate(tenant.id, resealMs);
  }
}
