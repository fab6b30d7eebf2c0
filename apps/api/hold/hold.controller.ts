import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Caller, type Principal, Sensitive } from '#access';
import { HoldRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { Problem } from '../problem/problem.js';
import { holdJson, holdSchema, type ReleaseBody, releaseSchema } from './hold.schemas.js';

/** The restore guard: renewals stand still when the database looks older than what was renewed with it. */
@ApiTags('hold')
@Controller('v1/hold')
export class HoldController {
  constructor(private readonly holds: HoldRepository) {}

  @Get()
  @Allow('hold.read')
  @Answers(200, 'Whether renewals are held, and why', holdSchema)
  async read() {
    return holdJson(await this.holds.last());
  }

  @Post()
  @Sensitive(true)
  @HttpCode(200)
  @Allow('hold.release')
  @Answers(200, 'Release renewals', holdSchema)
  async release(@Body({ schema: releaseSchema }) _: ReleaseBody, @Caller() caller: Principal) {
    if (!(await this.holds.release(caller.callerId))) {
      throw new Problem('conflict', { detail: 'Renewals are not held.' });
    }
    return holdJson(await this.holds.last());
  }
}
