import 'reflect-metadata';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { badRequest } from './control/bad-request.js';
import type { Issuer } from './issuers/issuer.js';
import { ISSUERS } from './issuers/issuer-list.js';
import { OpenRequests } from './requests/open-requests.js';
import { providerRoutes } from './requests/provider-routes.js';
import { RequestHandler } from './requests/request-handler.js';
import { type SandboxLog, SILENT_LOG } from './sandbox.log.js';
import { sandboxModule } from './sandbox.module.js';

export interface SandboxOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1: the control API has no password. */
  readonly host?: string;
  /** Default: says nothing. */
  readonly log?: SandboxLog;
}

export interface RunningSandbox {
  /** `http://host:port`, where every provider and the control API are. */
  readonly origin: string;
  /** Waits up to `drainTimeoutMs` (default 0) for requests in flight, then cuts all connections. */
  close(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
}

/** Starts a sandbox of its own: several in one process share nothing. Rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const { port = 0, host = '127.0.0.1', log = SILENT_LOG } = options;
  const app = await NestFactory.create<NestFastifyApplication>(
    sandboxModule(log),
    new FastifyAdapter({ forceCloseConnections: true }),
    { logger: false, abortOnError: false, bodyParser: false },
  );
  try {
    app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: badRequest }));
    await app.register(providerRoutes(app.get<readonly Issuer[]>(ISSUERS), app.get(RequestHandler)));
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const openRequests = app.get(OpenRequests);
  return {
    origin: originOf(app, host),
    close: async ({ drainTimeoutMs = 0 } = {}) => {
      await openRequests.drain(drainTimeoutMs);
      await app.close();
    },
  };
}

function originOf(app: NestFastifyApplication, host: string): string {
  const address: unknown = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null && 'port' in address ? address.port : '';
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
