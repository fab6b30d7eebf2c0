import 'reflect-metadata';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApplicationLogger } from '#observability';
import { ApiModule } from './api.module.js';
import { fastifyServer } from './http/fastify-server.js';
import { RouteTable } from './http/route-table.js';
import { serveOpenApi } from './openapi/serve-openapi.js';
import { CachedTokenReads } from './token/fast-path/cached-token-reads.js';

export interface ApiOptions {
  /** Default: the log on stdout. */
  readonly logger?: LoggerService | false;
}

/** The API, ready to listen; settings come from the environment. */
export async function createApi({
  logger = new ApplicationLogger(),
}: ApiOptions = {}): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  // There is nothing to be read before the application listens.
  let tokenReads: CachedTokenReads;
  const server = fastifyServer(routes, (request, response) => tokenReads.answer(request, response));
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(routes),
    new FastifyAdapter(server),
    { logger, abortOnError: false, bodyParser: false },
  );
  tokenReads = app.get(CachedTokenReads);
  serveOpenApi(app);
  return app;
}
