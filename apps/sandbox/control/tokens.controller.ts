import { Controller, Delete, Get, HttpCode, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { toInstant } from '../world/sandbox-clock.js';
import { TokenLedger, type Verdict } from '../world/token-ledger.js';
import { notFound } from './bad-request.js';
import { type ScopeQuery, scopeQuerySchema, type TokenQuery, tokenQuerySchema } from './control.schemas.js';

/** Whether a provider would accept a token, and making it stop. */
@Controller('_control/tokens')
export class TokensController {
  constructor(private readonly tokens: TokenLedger) {}

  /** Oldest first; `limit` keeps the newest. */
  @Get()
  list(@Query({ schema: tokenQuerySchema }) query: TokenQuery) {
    const records = this.tokens.find(filterOf(query)).slice(-query.limit);
    return { items: records.map(({ token }) => ({ token, ...view(this.tokens.judge(token)) })) };
  }

  /** A token nobody issued is 404, with the same body shape. */
  @Get(':token')
  judge(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply) {
    const verdict = this.tokens.judge(token);
    if (verdict.record === undefined) reply.status(404);
    return view(verdict);
  }

  @Delete(':token')
  @HttpCode(204)
  revoke(@Param('token') token: string): void {
    const { record } = this.tokens.judge(token);
    if (record === undefined) throw notFound();
    record.revoked = true;
  }

  @Delete()
  revokeAll(@Query({ schema: scopeQuerySchema }) query: ScopeQuery) {
    const records = this.tokens.find(filterOf(query)).filter(({ revoked }) => !revoked);
    for (const record of records) record.revoked = true;
    return { revoked: records.length };
  }
}

function filterOf({ provider, client_id }: ScopeQuery): { provider?: string; clientId?: string } {
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(client_id === undefined ? {} : { clientId: client_id }),
  };
}

function view(verdict: Verdict) {
  const { record } = verdict;
  return {
    accepted: verdict.accepted,
    reason: verdict.accepted ? null : verdict.reason,
    ...(record && {
      provider: record.provider,
      client_id: record.clientId,
      grant_type: record.grantType,
      scope: record.scope ?? null,
      ...(record.user !== undefined && { user: record.user }),
      ...(record.singleUse && { single_use: true, uses: record.uses }),
      issued_at: toInstant(record.issuedAtMs),
      expires_at: toInstant(record.expiresAtMs),
    }),
  };
}
