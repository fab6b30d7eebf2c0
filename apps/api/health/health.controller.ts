import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '#access';
import { ChangeFeed, Database, KeyRepository, standingReasons } from '#vault';
import { Answers } from '../openapi/answers.js';
import { Problem } from '../problem/problem.js';

const okSchema = z.strictObject({ status: z.literal('ok') });
const readySchema = okSchema.extend({
  reasons: z
    .array(z.string())
    .optional()
    .describe(
      'Such as `key_service_unavailable: k1`: only what is in memory of it can be served and renewed; `changes_not_heard`: of changes it learns late.',
    ),
});
const ok = { status: 'ok' } as const;

@ApiTags('operations')
@Controller()
@Public(true)
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRepository,
    private readonly feed: ChangeFeed,
  ) {}

  @Get('livez')
  @Answers(200, 'The process answers', okSchema)
  livez() {
    return ok;
  }

  /** Independent of the workers: tokens are served and renewed without them. */
  @Get('readyz')
  @Answers(200, 'Calls can be served', readySchema, 503)
  async readyz() {
    try {
      await this.database.ping();
    } catch {
      throw new Problem('unavailable', {
        detail: 'The database cannot be reached.',
        members: { reasons: ['database_unreachable'] },
      });
    }
    // Not 503: of all replicas at once, that would stop the reads and renewals that need no key service.
    const reasons = standingReasons(this.keys, this.feed);
    return reasons.length === 0 ? ok : { ...ok, reasons };
  }
}
