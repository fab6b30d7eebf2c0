import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#access';
import { InjectSettings, type Settings } from '#config';
import {
  type Callback,
  type CallbackResult,
  CallbackService,
  type ConnectResult,
  VisitLimiter,
} from '#connect';
import { AuditRepository, ConnectionRepository } from '#vault';
import { isSlug } from '../http/common.schemas.js';
import { busyPage, orBusy, sendBusyPage } from './busy-page.js';
import { callbackQuery } from './callback-query.js';
import { clearedCookies, flowCookies } from './flow-cookie.js';
import { donePages, refusalPages, sendPage } from './page.js';
import { PageAnswers } from './page-answers.js';
import { PageLooks } from './page-look.js';
import { StrangerLog } from './stranger-log.js';

const { link_unknown: _, link_not_usable: __, ...refusals } = refusalPages;
const pages = [...Object.values(refusals), ...Object.values(donePages), busyPage];
const toReturnUrl = {
  description: 'To the return_url, with connection, status and confirmation_code.',
  headers: { Location: { required: true, schema: { type: 'string', format: 'uri' } } },
};

type Completed = Exclude<CallbackResult, { kind: 'rejected' }>;

/** The door a browser comes back by: the OAuth redirect URI. */
@ApiTags('connect')
@Controller('v1/callback')
export class CallbackController {
  constructor(
    private readonly callbacks: CallbackService,
    private readonly connections: ConnectionRepository,
    private readonly audit: AuditRepository,
    private readonly visits: VisitLimiter,
    private readonly strangers: StrangerLog,
    private readonly looks: PageLooks,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Get(':tenant/:credential')
  @Public(true)
  @PageAnswers("A credential's redirect URI (RFC 6749 §3.1.2)", toReturnUrl, pages)
  place(
    @Param('tenant') tenant: string,
    @Param('credential') credential: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<FastifyReply> {
    return this.receive({ tenant, credential }, request, reply);
  }

  @Get()
  @Public(true)
  @PageAnswers('The redirect URI of credentials whose settings.redirect_uri names it', toReturnUrl, pages)
  anywhere(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.receive(null, request, reply);
  }

  private async receive(
    place: Callback['place'],
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (request.method === 'HEAD') return reply.code(204).send();
    if (place && !(isSlug(place.tenant) && isSlug(place.credential)))
      return this.refuse(reply, 'place_unknown', place);
    const query = callbackQuery(request);
    if (!query) return this.refuse(reply, 'malformed', place);
    const cookies = flowCookies(request.headers.cookie);
    const result = await orBusy(this.callbacks.receive({ ...query, place, cookies }));
    if (result === 'busy') return sendBusyPage(reply);
    if (result.kind === 'rejected') return this.refuse(reply, result.refusal, place, result.found?.tenantId);
    const secure = this.settings.publicUrl?.startsWith('https:') ?? false;
    for (const cookie of clearedCookies(request.headers.cookie, secure)) reply.header('set-cookie', cookie);
    await this.note(result.tenantId, outcomeOf(result), result.connection.slug);
    return result.returnUrl === null
      ? this.show(reply, result)
      : this.sendBack(reply, result, result.returnUrl);
  }

  /** @param tenantId of the session; undefined: there is none, and strangers must not fill the audit trail */
  private async refuse(
    reply: FastifyReply,
    refusal: keyof typeof refusalPages,
    place: Callback['place'],
    tenantId?: string,
  ): Promise<FastifyReply> {
    if (tenantId === undefined) {
      this.strangers.note(refusal);
      return sendPage(reply, refusalPages[refusal]);
    }
    await this.note(tenantId, refusal, place && `${place.tenant}/${place.credential}`);
    return sendPage(reply, refusalPages[refusal], await this.looks.of(tenantId));
  }

  private async show(reply: FastifyReply, result: Completed): Promise<FastifyReply> {
    const look = await this.looks.of(result.tenantId);
    if (result.kind !== 'exchanged') return sendPage(reply, donePages.denied, look);
    const page = donePages[isMismatch(result.result) ? 'account_mismatch' : result.result.kind];
    return sendPage(reply, page, look);
  }

  private async sendBack(reply: FastifyReply, result: Completed, returnUrl: string): Promise<FastifyReply> {
    const { tenantId, connection } = result;
    const now = await this.visits.resume(() => this.connections.findById(tenantId, connection.id));
    const url = new URL(returnUrl);
    url.searchParams.set('connection', connection.slug);
    url.searchParams.set('status', now?.status ?? connection.status);
    if (result.kind === 'to_confirm') url.searchParams.set('confirmation_code', result.confirmationCode);
    return reply.header('referrer-policy', 'no-referrer').redirect(url.href, 303);
  }

  private note(tenantId: string, outcome: string, target: string | null): Promise<void> {
    const action = 'GET /v1/callback';
    return this.visits.resume(() =>
      this.audit.append({ tenantId, actor: 'anonymous', action, target, outcome }),
    );
  }
}

function outcomeOf(result: Completed): string {
  if (result.kind !== 'exchanged') return result.kind;
  return isMismatch(result.result) ? 'account_mismatch' : result.result.kind;
}

function isMismatch(result: ConnectResult): boolean {
  return result.kind === 'refused' && result.failure.code === 'account_mismatch';
}
