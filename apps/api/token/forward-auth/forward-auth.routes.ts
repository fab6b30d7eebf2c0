import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, bearerOf } from '#access';
import { type ServedToken, TokenReader } from '#token-reads';
import { checkPathParameters } from '../../http/path-parameters.js';
import { Problem } from '../../problem/problem.js';
import { notFound } from '../../problem/to-problem.js';
import { defaultMinTtlSeconds } from '../min-ttl.js';
import { RecordedTokenReads } from '../recorded-token-reads.js';
import { type Admitted, TokenAdmission } from '../token-admission.js';
import { tokenProblem } from '../token-problem.js';
import { hostName, UpstreamHosts } from './upstream-hosts.js';

export const forwardAuthPath = '/v1/tenants/:tenant/connections/:id/forward_auth';

type ForwardAuthRequest = FastifyRequest<{ Params: { tenant: string; id: string } }>;

/**
 * `…/forward_auth`, for proxies that ask before they send a request on: the answer has no body, and in `Authorization`
 * what the proxy is to write on the request. Some ask with the method of the request itself, so every method is served
 * but HEAD, by which no token is read; a body is not looked at.
 */
@Injectable()
export class ForwardAuthRoutes implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly admission: TokenAdmission,
    private readonly hosts: UpstreamHosts,
    private readonly reader: TokenReader,
    private readonly reads: RecordedTokenReads,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.route<{ Params: { tenant: string; id: string } }>({
      method: server.supportedMethods.filter((method) => method !== 'HEAD'),
      url: forwardAuthPath,
      exposeHeadRoute: false,
      // Before a body is read, whatever its type.
      onRequest: (request, reply) => this.answer(request, reply),
      handler: () => undefined,
    });
  }

  private async answer(request: ForwardAuthRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { tenant: tenantSlug, id } = request.params;
    const bearer = keyOf(request);
    const admitted = await this.admission.admit({ bearer, address: request.ip, tenantSlug, slug: id });
    checkPathParameters(forwardAuthPath, request.params);
    const token = await this.token(admitted, id, forwardedHost(request));
    return reply
      .header('authorization', `${token.tokenType} ${token.accessToken}`)
      .header('x-grantkeeper-generation', token.generation)
      .send();
  }

  private async token(admitted: Admitted, slug: string, host: string | undefined): Promise<ServedToken> {
    const { id: tenantId } = admitted.tenant;
    const cached = this.reader.readCached(tenantId, slug, defaultMinTtlSeconds);
    const rule = (cached && this.hosts.recall(tenantId, slug)) ?? (await this.hosts.find(tenantId, slug));
    if (!rule) throw notFound();
    if (host === undefined || !rule.hosts.includes(host)) throw foreignHost();
    if (rule.isSingleUse) throw singleUse();
    const answer = await this.reads.read(admitted, slug, defaultMinTtlSeconds);
    if (answer.kind !== 'token') throw tokenProblem(answer);
    return answer.token;
  }
}

/** An application may have an `Authorization` of its own, which its proxy sends along. @throws AccessError */
function keyOf({ headers }: ForwardAuthRequest): string | undefined {
  const own = headers['x-grantkeeper-key'];
  if (Array.isArray(own)) throw new AccessError('unauthenticated');
  return own ?? bearerOf(headers.authorization);
}

/** One host: a list is of several proxies, and nobody says which of them is to be believed. */
function forwardedHost({ headers }: ForwardAuthRequest): string | undefined {
  const host = headers['x-forwarded-host'];
  return typeof host === 'string' ? hostName(host) : undefined;
}

function foreignHost(): Problem {
  return new Problem('forbidden', {
    detail: 'X-Forwarded-Host is none of the upstream_hosts of these client credentials.',
    remedy:
      'An admin of the tenant adds it to upstream_hosts in their settings, if the token is for that host.',
  });
}

function singleUse(): Problem {
  return new Problem('forbidden', {
    detail: 'The tokens of this connection are for one use each, and no proxy can tell when.',
    remedy: 'Read it where it is used, with GET …/token.',
  });
}
