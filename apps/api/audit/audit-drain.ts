import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { RefusalLog, TokenReadLog } from '#access';

/** Writes down what is only counted yet, once every request has been answered and the database can still be reached. */
@Injectable()
export class AuditDrain implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly reads: TokenReadLog,
    private readonly refusals: RefusalLog,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onClose', async () => {
      await Promise.all([this.reads.close(), this.refusals.close()]);
    });
  }
}
