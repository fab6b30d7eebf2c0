import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Sensitive } from '#access';
import { type PageQuery, pageOf, pageQuerySchema } from '../http/page.schemas.js';
import { ReplayWithout } from '../idempotency/replay-without.js';
import { Answers } from '../openapi/answers.js';
import {
  apiKeySchema,
  createdApiKeySchema,
  type NewPlatformKeyBody,
  newPlatformKeySchema,
} from './api-key.schemas.js';
import { ApiKeyService } from './api-key.service.js';

@ApiTags('API keys')
@Controller('v1/api_keys')
@Allow('platform_key.manage')
export class PlatformKeysController {
  constructor(private readonly keys: ApiKeyService) {}

  @Post()
  @Sensitive(true)
  @ReplayWithout('key')
  @Answers(201, 'Create a platform key; it is shown once', createdApiKeySchema)
  create(@Body({ schema: newPlatformKeySchema }) body: NewPlatformKeyBody) {
    return this.keys.create(null, body);
  }

  @Get()
  @Answers(200, 'List platform keys', pageOf(apiKeySchema))
  list(@Query({ schema: pageQuerySchema }) query: PageQuery) {
    return this.keys.list(null, query);
  }

  @Get(':id')
  @Answers(200, 'Read a platform key', apiKeySchema)
  read(@Param('id') id: string) {
    return this.keys.read(null, id);
  }

  @Delete(':id')
  @Sensitive(true)
  @HttpCode(204)
  @Answers(204, 'Revoke a platform key')
  remove(@Param('id') id: string): Promise<void> {
    return this.keys.remove(null, id);
  }
}
