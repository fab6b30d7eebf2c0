import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, RequestLimits, TokenReadLog, WorkloadTokens } from '#access';
import { InjectSettings, type Settings } from '#config';
import { countTokenRead, requestIdOf, requestSpan } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { type ServedToken, TokenReader } from '#token-reads';
import { logAccess } from '../../http/access-log.js';
import { noStore } from '../../http/no-store.js';
import { securityHeaders } from '../../http/security-headers.js';
import { defaultMinTtlSeconds, maxMinTtlSeconds } from '../min-ttl.js';
import { contentType, tokenDocument } from '../token-document.js';
import { tokenPath } from '../token-path.js';
import { admitCached, type TenantCaller } from './admit-cached.js';

/** A token read as clients write it; any other spelling is left to the route. */
const usualUrl = /^\/v1\/tenants\/([a-z0-9-]+)\/connections\/([a-z0-9-]+)\/token(?:\?min_ttl=(\d{1,5}))?$/;

/**
 * `GET …/token`, the reason this system exists, where caller and token are in memory: answered without the framework,
 * whose part would be half as much again as all the rest. The route answers all that is not plainly a success.
 */
@Injectable()
export class CachedTokenReads {
  private readonly writesAccessLog: boolean;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly workloads: WorkloadTokens,
    private readonly reader: TokenReader,
    private readonly reads: TokenReadLog,
    private readonly limits: RequestLimits,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() settings: Settings,
  ) {
    this.writesAccessLog = settings.accessLog;
    this.headers = { ...noStore, ...securityHeaders(settings), 'content-type': contentType };
  }

  /** @returns whether it answered */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false;
    const [, tenant, id, minTtl] = usualUrl.exec(request.url ?? '') ?? [];
    if (tenant === undefined || id === undefined) return false;
    const beganAtMs = performance.now();
    const caller = admitCached(this.authenticator, this.workloads, request.headers.authorization, tenant, id);
    const token = caller && this.find(caller, id, minTtl);
    if (!token) return false;
    const span = requestSpan(request.headers);
    const { text, bytes } = tokenDocument(token, this.clock.monotonicMs());
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.writeHead(200, { ...this.headers, 'x-request-id': requestId, 'content-length': bytes });
    response.end(text);
    countTokenRead('served', beganAtMs);
    span?.end(
      { 'http.request.method': 'GET', 'http.route': tokenPath, 'grantkeeper.request_id': requestId },
      200,
    );
    if (this.writesAccessLog) {
      logAccess({
        method: 'GET',
        route: tokenPath,
        status: 200,
        ms: performance.now() - beganAtMs,
        request_id: requestId,
        caller: caller.callerId,
      });
    }
    return true;
  }

  private find(caller: TenantCaller, id: string, minTtl?: string): ServedToken | undefined {
    const minTtlSeconds = minTtl === undefined ? defaultMinTtlSeconds : Number(minTtl);
    if (minTtlSeconds > maxMinTtlSeconds) return undefined;
    const { tenantId, tenantSlug, callerId } = caller;
    const token = this.reader.readCached(tenantId, id, minTtlSeconds);
    // Where a read must be committed before it is answered, that is the route's to do.
    if (!token || token.auditedStrictly) return undefined;
    // Counted only where it is answered here: the route counts the others, and refuses what is too much.
    if (this.limits.take(caller) > 0) return undefined;
    this.reads.note({ tenantId, tenantSlug, callerId, connection: id });
    return token;
  }
}
