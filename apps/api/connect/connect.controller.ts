import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#access';
import { InjectSettings, type Settings } from '#config';
import { AuthorizationService } from '#connect';
import { AuditRepository } from '#vault';
import { flowCookie } from './flow-cookie.js';
import { refusalPages, sendPage } from './page.js';

/** As long as the session behind it. */
const cookieSeconds = 600;

/** The door a browser goes out by. */
@ApiTags('connect')
@Controller('v1/connect')
export class ConnectController {
  constructor(
    private readonly authorizations: AuthorizationService,
    private readonly audit: AuditRepository,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  @Get(':session')
  @Public(true)
  @ApiOperation({ summary: 'Bind the browser, then send it to the provider' })
  @ApiResponse({ status: 303, description: 'To the provider.' })
  @ApiResponse({ status: 410, description: 'A page: the link has been used, or has expired.' })
  async open(
    @Param('session') session: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<FastifyReply> {
    if (isOnlyLooking(request)) return reply.code(204).send();
    const opened = await this.authorizations.open(session);
    if (opened.kind === 'not_usable') {
      await this.audit.append({
        tenantId: null,
        actor: 'anonymous',
        action: 'GET /v1/connect/{session}',
        target: null,
        outcome: 'link_not_usable',
      });
      return sendPage(reply, refusalPages.link_not_usable);
    }
    const secure = this.settings.publicUrl?.startsWith('https:') ?? false;
    return reply
      .header('set-cookie', flowCookie(opened.cookie, cookieSeconds, secure))
      .header('referrer-policy', 'no-referrer')
      .redirect(opened.url, 303);
  }
}

/** What mail scanners and prefetching browsers do must not use a link up. */
function isOnlyLooking({ method, headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? '';
  return method === 'HEAD' || purpose.includes('prefetch');
}
