import 'reflect-metadata';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CallerGuard } from '#access';
import { SETTINGS, type Settings } from '#config';
import { ApplicationLogger } from '#observability';
import { ApiModule } from './api.module.js';
import { fastifyServer } from './http/fastify-server.js';
import { RouteTable } from './http/route-table.js';
import { securityHeaders } from './http/security-headers.js';
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
  // None of them is asked before the application listens.
  let tokenReads: CachedTokenReads;
  let callers: CallerGuard;
  let isTrustedProxy: (address: string) => boolean;
  let writesAccessLog = false;
  let headers: Readonly<Record<string, string>> = {};
  const server = fastifyServer(routes, {
    shortcut: {
      readsBodyOf: (request) => tokenReads.readsBodyOf(request),
      answer: (request, response, body) => tokenReads.answer(request, response, body),
    },
    isTrustedProxy: (address) => isTrustedProxy(address),
    authenticate: (request, reply) => callers.authenticate(request, reply),
    writesAccessLog: () => writesAccessLog,
    headersOfEveryAnswer: () => headers,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(routes),
    new FastifyAdapter(server),
    { logger, abortOnError: false, bodyParser: false },
  );
  tokenReads = app.get(CachedTokenReads);
  callers = app.get(CallerGuard);
  const settings = app.get<Settings>(SETTINGS);
  isTrustedProxy = trustedProxies(settings.trustedProxies);
  writesAccessLog = settings.accessLog;
  headers = securityHeaders(settings);
  serveOpenApi(app, settings);
  return app;
}
