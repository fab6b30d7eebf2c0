import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Public } from './access.decorators.js';
import { AccessError } from './access.errors.js';
import { apiKeyStrategy } from './api-key.strategy.js';
import { RefusalLog } from './audit/refusal-log.js';
import { bearerOf } from './bearer.js';
import { callerRequest } from './caller.js';
import { consoleSessionStrategy } from './console-session.strategy.js';
import { workloadJwtStrategy } from './workload-jwt.strategy.js';

/** Finds out who is calling; `request.user` is the `Principal`. */
@Injectable()
export class CallerGuard extends AuthGuard([apiKeyStrategy, workloadJwtStrategy, consoleSessionStrategy]) {
  constructor(
    private readonly reflector: Reflector,
    private readonly refusals: RefusalLog,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()])) return true;
    const http = context.switchToHttp();
    await this.authenticate(http.getRequest(), http.getResponse());
    return true;
  }

  /**
   * Once for each request; as soon as its headers are there, before its body is read.
   * @throws AccessError `unauthenticated` or `rate_limited`, or what the database threw
   */
  async authenticate(request: object, response: unknown): Promise<void> {
    if ('user' in request && request.user) return;
    const http = { getRequest: () => request, getResponse: () => response, getNext: () => undefined };
    await super.canActivate({ switchToHttp: () => http } as ExecutionContext);
  }

  /** @throws AccessError `unauthenticated`, or what the database threw */
  override handleRequest<TUser>(
    error: unknown,
    user: TUser | false | null,
    _info: unknown,
    context: ExecutionContext,
  ): TUser {
    if (error) throw error;
    if (!user) {
      const { authorization } = callerRequest(context).headers;
      this.refusals.noteUnauthenticated(
        typeof authorization === 'string' ? bearerOf(authorization) : undefined,
      );
      throw new AccessError('unauthenticated');
    }
    return user;
  }
}
