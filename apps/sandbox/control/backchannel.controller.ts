import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { BackchannelRequest } from '../world/backchannel-requests.js';
import { toInstant } from '../world/sandbox-clock.js';
import { World } from '../world/world.js';
import { notFound } from './bad-request.js';
import { name } from './common.schemas.js';

const backchannelQuerySchema = z.strictObject({
  provider: name.optional(),
  client_id: name.optional(),
  user: name.optional(),
});
type BackchannelQuery = z.output<typeof backchannelQuerySchema>;

const decisionSchema = z.strictObject({ decision: z.enum(['approve', 'deny', 'expire']) });
type DecisionBody = z.output<typeof decisionSchema>;

/** CIBA requests and when each was polled; answering them in the user's place. */
@Controller('_control/backchannel')
export class BackchannelController {
  constructor(private readonly world: World) {}

  @Get()
  list(@Query({ schema: backchannelQuerySchema }) { provider, client_id, user }: BackchannelQuery) {
    const found = this.world.backchannel.list({
      ...(provider !== undefined && { provider }),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(user !== undefined && { user }),
    });
    return { items: found.map(view) };
  }

  @Get(':id')
  find(@Param('id') id: string) {
    return view(this.#get(id));
  }

  /** Wins over the persona of the user. */
  @Post(':id')
  @HttpCode(200)
  decide(@Param('id') id: string, @Body({ schema: decisionSchema }) { decision }: DecisionBody) {
    const request = this.#get(id);
    if (decision === 'expire') request.expiresAtMs = this.world.clock.nowMs();
    else request.decision = decision;
    return view(request);
  }

  #get(id: string): BackchannelRequest {
    const request = this.world.backchannel.get(id);
    if (request === undefined) throw notFound();
    return request;
  }
}

function view(request: BackchannelRequest) {
  return {
    auth_req_id: request.authReqId,
    provider: request.provider,
    client_id: request.clientId,
    user: request.user,
    scope: request.scope,
    state: request.state,
    started_at: toInstant(request.startedAtMs),
    expires_at: toInstant(request.expiresAtMs),
    interval: request.intervalSeconds,
    early_polls: request.polls.filter(({ early }) => early).length,
    polls: request.polls.map(({ atMs, sincePreviousMs, early, answer }) => ({
      at: toInstant(atMs),
      since_previous_ms: sincePreviousMs === null ? null : Math.round(sincePreviousMs),
      early,
      answer,
    })),
  };
}
