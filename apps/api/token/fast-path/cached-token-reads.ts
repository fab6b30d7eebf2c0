import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, RequestLimits, TenantGate, TokenReadLog, WorkloadTokens } from '#access';
import { InjectSettings, type Settings } from '#config';
import { countTokenRead } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#token-reads';
import { noStore } from '../../http/no-store.js';
import { securityHeaders } from '../../http/security-headers.js';
import { contentType, tokenDocument } from '../token-document.js';
import { type AskedToken, AskedTokens } from './asked-tokens.js';
import { CachedAdmission } from './cached-admission.js';

/**
 * `GET …/token`, the reason this system exists, where caller and token are in memory: answered without the framework,
 * whose part would be half as much again as all the rest. The route answers all that is not plainly a success.
 */
@Injectable()
export class CachedTokenReads {
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
    this.headers = { ...noStore, ...securityHeaders(settings), 'content-type': contentType };
    this.admission = new CachedAdmission(authenticator, workloads, gate);
  }

  /** @returns whether it answered */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false;
    const nowMs = this.clock.monotonicMs();
    const asked = this.asked.of(request);
    const token = asked && this.find(asked, nowMs);
    if (!token) return false;
    const { text, bytes } = tokenDocument(token, nowMs);
    response.writeHead(200, { ...this.headers, 'content-length': bytes });
    response.end(text);
    countTokenRead('served', this.clock.monotonicMs() - nowMs);
    return true;
  }

  /** @param nowMs the clock is read once for all of it */
  private find(asked: AskedToken, nowMs: number): ServedToken | undefined {
    const caller = this.admission.admit(asked, nowMs);
    if (!caller) return undefined;
    const { principal, tenantId } = caller;
    const { tenant: tenantSlug, connection, minTtlSeconds } = asked;
    const token = this.reader.readCached(tenantId, connection, minTtlSeconds, nowMs);
    // Where a read must be committed before it is answered, that is the route's to do.
    if (!token || token.auditedStrictly) return undefined;
    // Counted only where it is answered here: the route counts the others, and refuses what is too much.
    if (this.limits.take(principal) > 0) return undefined;
    this.reads.note({ tenantId, tenantSlug, callerId: principal.callerId, connection }, nowMs);
    return token;
  }
}
