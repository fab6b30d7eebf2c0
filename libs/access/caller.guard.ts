import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Public } from './access.decorators.js';
import { AccessError } from './access.errors.js';
import { apiKeyStrategy } from './api-key.strategy.js';
import { workloadJwtStrategy } from './workload-jwt.strategy.js';

/** Finds out who is calling; `request.user` is the `Principal`. */
@Injectable()
export class CallerGuard extends AuthGuard([apiKeyStrategy, workloadJwtStrategy]) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()])) return true;
    return (await super.canActivate(context)) as boolean;
  }

  /** @throws AccessError `unauthenticated`, or what the database threw */
  override handleRequest<TUser>(error: unknown, user: TUser | false | null): TUser {
    if (error) throw error;
    if (!user) throw new AccessError('unauthenticated');
    return user;
  }
}
