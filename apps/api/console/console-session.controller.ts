import { Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  Allow,
  Caller,
  clearedConsoleCookie,
  consoleCookie,
  consoleHeader,
  consoleOrigin,
  consoleTokenOf,
  isFromConsole,
  isSecure,
  type Principal,
} from '#access';
import { InjectSettings, type Settings } from '#config';
import { ConsoleSessionRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { invalidField, Problem } from '../problem/problem.js';
import { consoleSessionJson, consoleSessionSchema } from './console-session.schemas.js';

/** A browser gives an API key once, and has a session from then on. */
@ApiTags('console')
@Controller('console/session')
export class ConsoleSessionController {
  constructor(
    private readonly sessions: ConsoleSessionRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Post()
  @Allow('console.sign_in')
  @Header('cache-control', 'no-store')
  @Answers(201, 'Sign a browser in to the console with an API key', consoleSessionSchema)
  async signIn(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    this.refuseForeign(request);
    const secure = isSecure(this.settings);
    const before = consoleTokenOf(request.headers.cookie, secure);
    const holder = { kind: 'key', id: caller.callerId, person: '' } as const;
    const token = await this.sessions.begin(caller.tenantId, holder);
    // Of another tenant it is not ours to end; it is of no browser any more.
    if (before !== undefined) await this.sessions.end(caller.tenantId, before);
    reply.header('set-cookie', consoleCookie(token, secure));
    return consoleSessionJson(caller);
  }

  @Get()
  @Allow('console.read')
  @Header('cache-control', 'no-store')
  @Answers(200, 'Who is signed in', consoleSessionSchema)
  read(@Caller() caller: Principal) {
    return consoleSessionJson(caller);
  }

  @Delete()
  @Allow('console.read')
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  @Answers(204, 'Sign out: the session is refused from then on')
  async signOut(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const secure = isSecure(this.settings);
    const token = consoleTokenOf(request.headers.cookie, secure);
    if (token !== undefined) await this.sessions.end(caller.tenantId, token);
    reply.header('set-cookie', clearedConsoleCookie(secure));
  }

  /** @throws Problem for a request that a page of another origin may have sent, or whose cookie would go in clear */
  private refuseForeign({ method, headers }: FastifyRequest): void {
    if (headers[consoleHeader] !== '1') throw invalidField(consoleHeader, 'must be 1');
    if (consoleOrigin(headers, this.settings) === undefined) {
      throw new Problem('forbidden', {
        detail: 'Browsers sign in by https, or from the machine itself by http.',
        remedy: 'Set GRANTKEEPER_PUBLIC_URL to the https address that browsers use.',
      });
    }
    if (!isFromConsole(method, headers, this.settings)) {
      throw new Problem('forbidden', { detail: 'The request comes from a page of another origin.' });
    }
  }
}
