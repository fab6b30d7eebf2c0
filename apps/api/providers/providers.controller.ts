import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow } from '#access';
import { PROVIDER_REGISTRY, ProviderRegistry } from '#provider-kit';
import { Answers } from '../openapi/answers.js';
import { providerJson, providerListSchema } from './provider.schemas.js';

@ApiTags('providers')
@Controller('v1/providers')
export class ProvidersController {
  private readonly items: readonly ReturnType<typeof providerJson>[];

  constructor(@Inject(PROVIDER_REGISTRY) registry: ProviderRegistry) {
    this.items = registry.list().map(({ descriptor }) => providerJson(descriptor));
  }

  @Get()
  @Allow('provider.read')
  @Answers(200, 'What each provider can do and asks for', providerListSchema)
  list() {
    return { items: this.items, next_cursor: null };
  }
}
