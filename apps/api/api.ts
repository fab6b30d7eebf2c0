import 'reflect-metadata';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SETTINGS, type Settings } from '#config';
import { ApplicationLogger } from '#observability';
import { ApiModule } from './api.module.js';
import { fastifyServer } from './http/fastify-server.js';
import { RouteTable } from './http/route-table.js';
import { trustedProxies } from './http/trusted-proxies.js';
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
  // Neither is asked before the application listens.
  let tokenReads: CachedTokenReads;
  let isTrustedProxy: (address: string) => boolean;
  const server = fastifyServer(routes, {
    shortcut: (request, response) => tokenReads.answer(request, response),
    isTrustedProxy: (address) => isTrustedProxy(address),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(routes),
    new FastifyAdapter(server),
    { logger, abortOnError: false, bodyParser: false },
  );
  tokenReads = app.get(CachedTokenReads);
  isTrustedProxy = trustedProxies(app.get<Settings>(SETTINGS).trustedProxies);
  serveOpenApi(app);
  return app;
}
