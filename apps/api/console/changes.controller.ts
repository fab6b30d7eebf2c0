import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, Caller, CurrentTenant, type Principal, type TenantRef } from '#access';
import { Problem } from '../problem/problem.js';
import { ChangeStreams } from './change-streams.js';

/** Seconds. */
const retryAfterSeconds = 30;

/** Keeps an open page of the console up to date. */
@ApiTags('console')
@Controller('v1/tenants/:tenant/changes')
export class ChangesController {
  constructor(private readonly streams: ChangeStreams) {}

  @Get()
  @Allow('connection.read')
  @ApiOperation({ summary: 'Hear that something has changed, as server-sent events; for the console only' })
  @ApiResponse({
    status: 200,
    description: 'Events `changed`, without data. It ends after half a minute.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  listen(
    @Caller() { callerId, isConsole }: Principal,
    @CurrentTenant() tenant: TenantRef,
    @Res() reply: FastifyReply,
  ): FastifyReply {
    if (!isConsole) {
      throw new Problem('forbidden', {
        detail: 'Only sessions of the console listen here.',
        remedy: 'Programs are told by webhooks.',
      });
    }
    const stream = this.streams.start(callerId, tenant.id);
    if (!stream) throw new Problem('rate_limited', { detail: 'Too many pages listen.', retryAfterSeconds });
    return reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }).send(stream);
  }
}
