import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Public } from '#access';
import { checkPathParameters, checkTenant } from './path-parameters.js';

type PathRequest = FastifyRequest<{ Params: Record<string, string> }>;

/** Before the guard that looks the tenant up: only what can be a slug is looked up. */
@Injectable()
export class TenantPathGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (!isPublic(this.reflector, context)) checkTenant(requestOf(context).params);
    return true;
  }
}

/** After the guard that decides whether the caller may: who may not is told so, whatever the path names. */
@Injectable()
export class PathGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (isPublic(this.reflector, context)) return true;
    const { routeOptions, params } = requestOf(context);
    checkPathParameters(routeOptions.url ?? '', params);
    return true;
  }
}

/** Public routes look at their paths themselves: people see a page there. */
function isPublic(reflector: Reflector, context: ExecutionContext): boolean {
  return reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()]) ?? false;
}

function requestOf(context: ExecutionContext): PathRequest {
  return context.switchToHttp().getRequest<PathRequest>();
}
