import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#access';
import { InjectSettings, type Settings } from '#config';
import { AuthorizationService, VisitLimiter } from '#connect';
import { AuditRepository } from '#vault';
import { busyPage, orBusy, sendBusyPage } from './busy-page.js';
import { flowCookie } from './flow-cookie.js';
import { refusalPages, sendPage } from './page.js';
import { PageAnswers } from './page-answers.js';
import { PageLooks } from './page-look.js';
import { StrangerLog } from './stranger-log.js';

/** As long as the session behind it. */
const cookieSeconds = 600;

const { link_unknown, link_not_usable } = refusalPages;
const pages = [link_unknown, link_not_usable, busyPage];
const toProvider = {
  description: 'To the provider.',
  headers: {
    Location: { required: true, schema: { type: 'string', format: 'uri' } },
    'Set-Cookie': { required: true, description: 'Binds the browser.', schema: { type: 'string' } },
  },
};

const refused = { actor: 'anonymous', action: 'GET /v1/connect/{session}', target: null };

/** The door a browser goes out by. */
@ApiTags('connect')
@Controller('v1/connect')
export class ConnectController {
  constructor(
    private readonly authorizations: AuthorizationService,
    private readonly audit: AuditRepository,
    private readonly visits: VisitLimiter,
    private readonly strangers: StrangerLog,
    private readonly looks: PageLooks,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Get(':session')
  @Public(true)
  @PageAnswers('Bind the browser, then send it to the provider', toProvider, pages)
  async open(
    @Param('session') session: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (isOnlyLooking(request)) return reply.code(204).send();
    const opened = await orBusy(this.authorizations.open(session));
    if (opened === 'busy') return sendBusyPage(reply);
    if (opened.kind === 'malformed') return this.refuse(reply, 'link_unknown');
    if (opened.kind === 'not_usable') return this.refuse(reply, 'link_not_usable', opened.tenantId);
    const secure = this.settings.publicUrl?.startsWith('https:') ?? false;
    return reply
      .header('set-cookie', flowCookie(opened.cookie, cookieSeconds, secure))
      .header('referrer-policy', 'no-referrer')
      .redirect(opened.url, 303);
  }

  /** @param tenantId of the session; null: there is none, and strangers must not fill the audit trail */
  private async refuse(
    reply: FastifyReply,
    refusal: 'link_unknown' | 'link_not_usable',
    tenantId: string | null = null,
  ): Promise<FastifyReply> {
    if (tenantId === null) {
      this.strangers.note(refusal);
      return sendPage(reply, refusalPages[refusal]);
    }
    await this.visits.resume(() => this.audit.append({ ...refused, tenantId, outcome: refusal }));
    return sendPage(reply, refusalPages[refusal], await this.looks.of(tenantId));
  }
}

/** Mail scanners and prefetching browsers must not use a link up. */
function isOnlyLooking({ method, headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? '';
  return method === 'HEAD' || purpose.includes('prefetch');
}
