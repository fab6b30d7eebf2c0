import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Sensitive } from '#access';
import { KeyRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { keysJson, keysSchema, rewrapSchema } from './keys.schemas.js';

/** How long one call wraps data keys anew, milliseconds: clients and proxies wait longer than this. */
const rewrapMs = 5_000;

/** Key-encryption keys: which one wraps how much, and the way from an older to the newest. */
@ApiTags('keys')
@Controller('v1/keys')
export class KeysController {
  constructor(private readonly keys: KeyRepository) {}

  @Get()
  @Allow('key.read')
  @Answers(200, 'Key-encryption keys, newest first, and which may be removed', keysSchema)
  async list() {
    return keysJson(await this.keys.uses());
  }

  @Post('rewrap')
  @Sensitive(true)
  @HttpCode(200)
  @Allow('key.rewrap')
  @Answers(
    200,
    'Wrap data keys by the newest key-encryption key; call again until none is left',
    rewrapSchema,
  )
  rewrap() {
    return this.keys.rewrap(rewrapMs);
  }
}
