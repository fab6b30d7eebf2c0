import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AccessError,
  consoleCookie,
  consoleOrigin,
  consoleTokenOf,
  type Entry,
  flowCookieOf,
  isSecure,
  type KnownPerson,
  Public,
  readFlow,
  SignInRefusal,
  SingleSignOn,
} from '#access';
import { InjectSettings, type Settings } from '#config';
import { AuditRepository, ConsoleSessionRepository } from '#vault';
import { sendBusyPage } from '../connect/busy-page.js';
import { sendPage } from '../connect/page.js';
import { PageAnswers } from '../connect/page-answers.js';
import { isSlug } from '../http/common.schemas.js';
import { Answers } from '../openapi/answers.js';
import { signInWaysSchema } from './console-session.schemas.js';
import { foreignPage, nowherePage, offPage, severalPage, ssoPages, ssoRefusalPages } from './sso-pages.js';

const location = { required: true, schema: { type: 'string' } } as const;
const to = (description: string) => ({ description, headers: { Location: location } });

/** Signing in by an OpenID provider: pages of a browser, which come by no script. */
@ApiTags('console')
@Controller('console')
export class SsoController {
  constructor(
    private readonly sso: SingleSignOn,
    private readonly sessions: ConsoleSessionRepository,
    private readonly audit: AuditRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Get('sign_in')
  @Public(true)
  @Header('cache-control', 'no-store')
  @Answers(200, 'How one may sign in to the console', signInWaysSchema)
  ways() {
    return { single_sign_on: this.sso.isAvailable };
  }

  @Get('sso')
  @Public(true)
  @PageAnswers('Sign in by the OpenID provider of the installation', to('To the provider.'), ssoPages)
  begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.guarded(request, reply, async (origin) => {
      if (!isFromHere(request)) return sendPage(reply, foreignPage);
      const query = new URLSearchParams(queryOf(request));
      const tenant = query.get('tenant') ?? undefined;
      const { url, flow } = await this.sso.begin({
        origin,
        tenant: tenant !== undefined && isSlug(tenant) ? tenant : undefined,
        returnTo: query.get('return_to') ?? undefined,
        again: query.get('again') === 'true',
        before: consoleTokenOf(request.headers.cookie, isSecure(this.settings)),
      });
      reply.header('set-cookie', flowCookieOf(flow, isSecure(this.settings)));
      return reply.redirect(url, 303);
    });
  }

  @Get('sso/callback')
  @Public(true)
  @PageAnswers('The redirect URI of the console at its OpenID provider', to('To the console.'), ssoPages)
  callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.guarded(request, reply, async (origin) => {
      const secure = isSecure(this.settings);
      const flow = readFlow(request.headers.cookie, secure);
      // This sign-in is over, with or without a session.
      reply.header('set-cookie', flowCookieOf(undefined, secure));
      const person = await this.sso.complete(flow, origin, queryOf(request), request.ip);
      const [entry, ...others] = person.entries;
      const { consoleSso } = this.settings;
      if (!entry) return sendPage(reply, consoleSso ? nowherePage(consoleSso, person) : foreignPage);
      if (others.length > 0) return sendPage(reply, severalPage(person.entries));
      const token = await this.enter(request, entry, person);
      reply.header('set-cookie', consoleCookie(token, secure));
      return reply.redirect(flow?.returnTo ?? '/console', 303);
    });
  }

  @Get('sso/sign_out')
  @Public(true)
  @PageAnswers('Sign out of the OpenID provider too', to('To the provider, or to the console.'), ssoPages)
  signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.guarded(request, reply, async (origin) => {
      if (!isFromHere(request)) return sendPage(reply, foreignPage);
      return reply.redirect((await this.sso.endSessionUrl(origin)) ?? '/console', 303);
    });
  }

  /** A new session, and the end of the one that the browser had. */
  private async enter(request: FastifyRequest, entry: Entry, person: KnownPerson): Promise<string> {
    const { tenantId, holder } = entry;
    const change = this.audit.change(() => ({
      tenantId,
      actor: holder.person,
      action: `GET ${request.routeOptions.url ?? ''}`,
      target: null,
      outcome: '303',
      data: { request_id: request.id },
    }));
    const { before, authenticatedAt } = person;
    const token = await change.run(() => this.sessions.begin(tenantId, holder, authenticatedAt));
    if (before) await this.sessions.end(before.tenantId, before.token);
    return token;
  }

  private async guarded(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (origin: string) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    if (request.method === 'HEAD') return reply.code(204).send();
    const origin = consoleOrigin(request.headers, this.settings);
    if (!this.sso.isAvailable || origin === undefined) return sendPage(reply, offPage);
    try {
      return await work(origin);
    } catch (error) {
      if (error instanceof SignInRefusal) return sendPage(reply, ssoRefusalPages[error.code]);
      if (error instanceof AccessError && error.code === 'rate_limited') return sendBusyPage(reply);
      throw error;
    }
  }
}

function queryOf({ url }: FastifyRequest): string {
  return url.includes('?') ? url.slice(url.indexOf('?')) : '';
}

/** No other page begins a sign-in, or ends one: a browser says where a navigation comes from. */
function isFromHere({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site = 'none' } = headers;
  return site === 'none' || site === 'same-origin';
}
