import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from '../../problem/to-problem.js';
import { unexpectedProblem } from '../../problem/unexpected-problem.js';
import { contentType } from '../token-document.js';
import { Issuer } from './issuer.js';
import { neverCached } from './never-cached.js';
import { OAuthError, oauthErrorOf, sendOAuthError } from './oauth-error.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenForm } from './token-form.js';
import type { TokenTarget } from './token-target.js';

export const tokenEndpointPath = '/oauth2/token';
export const connectionTokenEndpointPath = '/v1/tenants/:tenant/connections/:id/oauth2/token';

type TokenEndpointRequest = FastifyRequest<{ Params: { tenant?: string; id?: string }; Body: unknown }>;

/** Plain Fastify routes, as that of `GET …/token`; they alone take forms, and refuse as RFC 6749 §5.2 says. */
@Injectable()
export class TokenEndpointRoutes implements OnModuleInit {
  private readonly logger = new Logger('api');

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly endpoint: TokenEndpoint,
    private readonly issuer: Issuer,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string' },
        (_request, body, done) => done(null, body),
      );
      scope.setErrorHandler((error, request, reply) => sendOAuthError(reply, this.refusal(error, request)));
      for (const path of [tokenEndpointPath, connectionTokenEndpointPath]) {
        scope.post(path, (request: TokenEndpointRequest, reply) => this.answer(request, reply));
      }
    });
  }

  private async answer(request: TokenEndpointRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (request.url.includes('?')) {
      throw new OAuthError('invalid_request', 'Parameters belong in the body, not in the URL.');
    }
    const body = await this.endpoint.answer({
      authorization: request.headers.authorization,
      form: TokenForm.parse(typeof request.body === 'string' ? request.body : ''),
      path: pathTarget(request),
      address: request.ip,
      origins: this.issuer.origins(request.host),
    });
    return reply.headers(neverCached).header('content-type', contentType).send(body);
  }

  private refusal(error: unknown, request: FastifyRequest): OAuthError {
    if (error instanceof OAuthError) return error;
    return oauthErrorOf(toProblem(error) ?? unexpectedProblem(this.logger, error, request));
  }
}

function pathTarget({ params: { tenant, id } }: TokenEndpointRequest): TokenTarget | undefined {
  return tenant === undefined || id === undefined ? undefined : { tenant, connection: id };
}
