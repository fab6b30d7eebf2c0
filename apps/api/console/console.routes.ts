import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { consoleTokenOf, isSecure } from '#access';
import { InjectSettings, type Settings } from '#config';
import { consoleHeaders } from './console-headers.js';

const page = 'index.html';
const signInPage = 'sign-in.html';
/** Their names change with their contents. */
const assets = 'assets/';

/**
 * The console's page and its files, as the build has left them. A browser that brings no session is shown the sign-in
 * form at once; the page itself asks whether the session of any other still holds. Each path under `/console/` that names
 * no file of the build is the page: the console's own router reads the rest.
 */
@Injectable()
export class ConsoleRoutes implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    const root = builtConsole();
    server.get('/', (_request, reply) => reply.redirect('/console', 302));
    server.get('/console', (request, reply) => this.sendPage(request, reply));
    server.get('/console/*', (request: FastifyRequest<{ Params: { '*': string } }>, reply) => {
      const path = request.params['*'];
      return path.startsWith(assets) ? sendAsset(reply, path) : this.sendPage(request, reply);
    });
    server.register(fastifyStatic, { root, serve: false, preCompressed: true, index: false });
  }

  private sendPage({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const hasSession = consoleTokenOf(headers.cookie, isSecure(this.settings)) !== undefined;
    return reply
      .headers({ ...consoleHeaders, vary: 'cookie' })
      .sendFile(hasSession ? page : signInPage, { maxAge: 0 });
  }
}

function sendAsset(reply: FastifyReply, path: string): FastifyReply {
  return reply.headers(consoleHeaders).sendFile(path, { maxAge: '365d', immutable: true });
}

/** Beside this module in a build; in `dist` where it runs from its source. */
function builtConsole(): string {
  const root = resolve(import.meta.dirname, '../../..');
  const [built, fromSource] = [join(root, 'console'), join(root, 'dist', 'console')];
  return existsSync(built) ? built : fromSource;
}
