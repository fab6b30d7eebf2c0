import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, RequestLimits, TenantGate, TokenReadLog, WorkloadTokens } from '#access';
import { InjectSettings, type Settings } from '#config';
import { countTokenRead, isTraced, requestIdOf, requestSpan } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#token-reads';
import { logAccess } from '../../http/access-log.js';
import { noStore } from '../../http/no-store.js';
import { securityHeaders } from '../../http/security-headers.js';
import { contentType, tokenDocument } from '../token-document.js';
import { tokenPath } from '../token-path.js';
import { type AskedToken, AskedTokens, sentHeaders } from './asked-tokens.js';
import { type AdmittedCaller, CachedAdmission } from './cached-admission.js';

/**
 * `GET …/token`, the reason this system exists, where caller and token are in memory: answered without the framework,
 * whose part would be half as much again as all the rest. The route answers all that is not plainly a success.
 */
@Injectable()
export class CachedTokenReads {
  private readonly writesAccessLog: boolean;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly asked = new AskedTokens();
  private readonly admission: CachedAdmission;

  constructor(
    authenticator: Authenticator,
    workloads: WorkloadTokens,
    gate: TenantGate,
    private readonly reader: TokenReader,
    private readonly reads: TokenReadLog,
    private readonly limits: RequestLimits,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() settings: Settings,
  ) {
    this.writesAccessLog = settings.accessLog;
    this.headers = { ...noStore, ...securityHeaders(settings), 'content-type': contentType };
    this.admission = new CachedAdmission(authenticator, workloads, gate);
  }

  /** @returns whether it answered */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false;
    const nowMs = this.clock.monotonicMs();
    const sent = sentHeaders(request.rawHeaders);
    const asked = sent && this.asked.of(request, sent);
    const caller = asked && this.admission.admit(asked, nowMs);
    const token = caller && this.find(asked, caller, nowMs);
    if (!token) return false;
    const span = isTraced() ? requestSpan(request.headers) : undefined;
    const { text, bytes } = tokenDocument(token, nowMs);
    const requestId = requestIdOf(sent.requestId);
    response.writeHead(200, { ...this.headers, 'x-request-id': requestId, 'content-length': bytes });
    response.end(text);
    const tookMs = this.clock.monotonicMs() - nowMs;
    countTokenRead('served', tookMs);
    span?.end(
      { 'http.request.method': 'GET', 'http.route': tokenPath, 'grantkeeper.request_id': requestId },
      200,
    );
    if (this.writesAccessLog) {
      logAccess({
        method: 'GET',
        route: tokenPath,
        status: 200,
        ms: tookMs,
        request_id: requestId,
        caller: caller.principal.callerId,
      });
    }
    return true;
  }

  /** @param nowMs the clock is read once for all of it */
  private find(asked: AskedToken, caller: AdmittedCaller, nowMs: number): ServedToken | undefined {
    const { principal, tenantId } = caller;
    const { tenant: tenantSlug, connection, minTtlSeconds } = asked;
    const token = this.reader.readCached(tenantId, connection, minTtlSeconds, nowMs);
    // Where a read must be committed before it is answered, that is the route's to do.
    if (!token || token.auditedStrictly) return undefined;
    // Counted only where it is answered here: the route counts the others, and refuses what is too much.
    if (this.limits.take(principal, nowMs) > 0) return undefined;
    this.reads.note({ tenantId, tenantSlug, callerId: principal.callerId, connection }, nowMs);
    return token;
  }
}
