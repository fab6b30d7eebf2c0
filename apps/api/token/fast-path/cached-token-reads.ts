import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, RequestLimits, TenantGate, TokenReadLog, WorkloadTokens } from '#access';
import { InjectSettings, type Settings } from '#config';
import { countTokenRead, isTraced, requestIdOf, requestSpan } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#token-reads';
import { ChangeFeed } from '#vault';
import { logAccess } from '../../http/access-log.js';
import { UpstreamHosts } from '../forward-auth/upstream-hosts.js';
import { type AdmittedCaller, CachedAdmission } from './cached-admission.js';
import type { AskedTokens, Door } from './door.js';
import { doorsOf } from './doors.js';
import { LastRequests, type Remembered } from './last-requests.js';
import { sentRequest } from './sent-request.js';
import { goodUntilMs, type Served } from './served.js';
import type { Shortcut } from './shortcut.js';
import { writeHeadOf200 } from './written-head.js';

type Tokens = [ServedToken, ...ServedToken[]];

/**
 * The token reads, the reason this system exists, where caller and tokens are in memory: answered without the
 * framework, whose part would be half as much again as all the rest. The routes answer all that is not plainly a
 * success.
 */
@Injectable()
export class CachedTokenReads implements Shortcut {
  private readonly writesAccessLog: boolean;
  private readonly requests: LastRequests;
  private readonly admission: CachedAdmission;

  constructor(
    authenticator: Authenticator,
    workloads: WorkloadTokens,
    gate: TenantGate,
    hosts: UpstreamHosts,
    private readonly reader: TokenReader,
    private readonly reads: TokenReadLog,
    private readonly limits: RequestLimits,
    private readonly feed: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() settings: Settings,
  ) {
    this.writesAccessLog = settings.accessLog;
    this.requests = new LastRequests(doorsOf(settings, hosts));
    this.admission = new CachedAdmission(authenticator, workloads, gate);
  }

  readsBodyOf({ method, url = '' }: IncomingMessage): boolean {
    return method === 'POST' && (url.endsWith('/oauth2/token') || url.endsWith('/tokens'));
  }

  answer(request: IncomingMessage, response: ServerResponse, body?: string): boolean {
    const nowMs = this.clock.monotonicMs();
    const sent = sentRequest(request, body);
    const known = sent && this.requests.of(request.socket, sent);
    if (!known) return false;
    const { door } = known;
    const served = this.served(known, nowMs);
    // Counted only where it is answered here: the route counts the others, and refuses what is too much.
    if (!served || served.take(nowMs) > 0) return false;
    const { caller, tokens, answer } = served;
    this.note(caller, nowMs);
    const span = isTraced() ? requestSpan(request.headers) : undefined;
    const requestId = requestIdOf(sent.requestId);
    writeHeadOf200(response, answer.headers, { requestId, bytes: answer.bytes, nowMs });
    // Latin-1 is the cheapest to write, and the same bytes where every character is ASCII.
    response.end(answer.text, answer.bytes === answer.text.length ? 'latin1' : 'utf8');
    const tookMs = this.clock.monotonicMs() - nowMs;
    for (let count = tokens.length; count > 0; count -= 1) countTokenRead('served', tookMs);
    span?.end(
      { 'http.request.method': door.method, 'http.route': door.route, 'grantkeeper.request_id': requestId },
      200,
    );
    if (this.writesAccessLog) {
      logAccess({
        method: door.method,
        route: door.route,
        status: 200,
        ms: tookMs,
        request_id: requestId,
        caller: caller.principal.callerId,
      });
    }
    return true;
  }

  /** Mostly as the same request was answered a moment ago. */
  private served(known: Remembered, nowMs: number): Served | undefined {
    const { changes } = this.feed;
    const last = known.served;
    if (last && last.untilMs > nowMs && last.changes === changes) return last;
    const { door, asked } = known;
    const caller = this.admission.admit(asked, nowMs);
    const tokens = caller && this.find(door, asked, caller, nowMs);
    const answer = tokens && door.write(tokens, caller.connections, nowMs);
    if (!answer) return undefined;
    const take = this.limits.takerFor(caller.principal);
    known.served = { caller, take, tokens, answer, changes, untilMs: goodUntilMs(tokens, nowMs) };
    return known.served;
  }

  /** @param nowMs the clock is read once for all of it */
  private find(door: Door, asked: AskedTokens, caller: AdmittedCaller, nowMs: number): Tokens | undefined {
    const { tenantId, connections } = caller;
    const tokens: ServedToken[] = [];
    for (const connection of connections) {
      const token = this.reader.readCached(tenantId, connection, asked.minTtlSeconds, nowMs);
      // Where a read must be committed before it is answered, that is the route's to do.
      if (!token || token.auditedStrictly) return undefined;
      if (door.mayServe?.(tenantId, connection, asked) === false) return undefined;
      tokens.push(token);
    }
    return tokens.length > 0 ? (tokens as Tokens) : undefined;
  }

  private note({ principal, tenantId, tenantSlug, connections }: AdmittedCaller, nowMs: number): void {
    const { callerId } = principal;
    for (const connection of connections)
      this.reads.note({ tenantId, tenantSlug, callerId, connection }, nowMs);
  }
}
