import { Controller, ForbiddenException, Get, Header, Req, UnauthorizedException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessError, Authenticator, admitScrape } from '#access';
import { Metrics } from '#core';
import { metricsContentType } from '#observability';

/** For Prometheus, in its text format: from other machines with a platform administrator's key. */
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly authenticator: Authenticator,
  ) {}

  @Get()
  @Header('content-type', metricsContentType)
  async read(@Req() { raw }: FastifyRequest): Promise<string> {
    await admitScrape(raw, this.authenticator).catch((error: unknown) => {
      if (!(error instanceof AccessError)) throw error;
      throw error.code === 'forbidden' ? new ForbiddenException() : new UnauthorizedException();
    });
    return this.metrics.text();
  }
}
