import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow } from '#access';
import { PROVIDER_REGISTRY, ProviderRegistry } from '#provider-kit';
import { Answers } from '../openapi/answers.js';
import { presetJson, presetListSchema } from './preset.schemas.js';

@ApiTags('providers')
@Controller('v1/presets')
export class PresetsController {
  private readonly items: readonly ReturnType<typeof presetJson>[];

  constructor(@Inject(PROVIDER_REGISTRY) registry: ProviderRegistry) {
    this.items = registry
      .list()
      .flatMap(({ descriptor: { id, presets = [] } }) => presets.map((preset) => presetJson(id, preset)));
  }

  @Get()
  @Allow('provider.read')
  @Answers(200, 'The known servers, and what their settings leave open', presetListSchema)
  list() {
    return { items: this.items, next_cursor: null };
  }
}
