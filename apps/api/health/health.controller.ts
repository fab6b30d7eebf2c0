import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '#access';
import { Database } from '#vault';
import { Answers } from '../openapi/answers.js';
import { Problem } from '../problem/problem.js';

const okSchema = z.strictObject({ status: z.literal('ok') });
const ok = { status: 'ok' } as const;

@ApiTags('operations')
@Controller()
@Public(true)
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('livez')
  @Answers(200, 'The process answers', okSchema)
  livez() {
    return ok;
  }

  /** Independent of the workers: tokens are served and renewed without them. */
  @Get('readyz')
  @Answers(200, 'Calls can be served', okSchema, 503)
  async readyz() {
    try {
      await this.database.ping();
    } catch {
      throw new Problem('unavailable', {
        detail: 'The database cannot be reached.',
        members: { reasons: ['database_unreachable'] },
      });
    }
    return ok;
  }
}
