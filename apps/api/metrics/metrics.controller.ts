import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Authenticator, admitScrape, Public } from '#access';
import { Metrics } from '#core';
import { metricsContentType } from '#observability';

/** For Prometheus, in its text format. */
@ApiTags('operations')
@Controller('metrics')
@Public(true)
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly authenticator: Authenticator,
  ) {}

  @Get()
  @Header('content-type', metricsContentType)
  @ApiOperation({ summary: 'Metrics in the Prometheus text format; from other machines with a platform key' })
  @ApiSecurity({})
  @ApiSecurity('key')
  @ApiResponse({ status: 401 })
  @ApiResponse({ status: 403 })
  @ApiResponse({ status: 429 })
  @ApiResponse({ status: 503 })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async read(@Req() { raw }: FastifyRequest): Promise<string> {
    await admitScrape(raw, this.authenticator);
    return this.metrics.text();
  }
}
