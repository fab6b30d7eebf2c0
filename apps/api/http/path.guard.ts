import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Public } from '#access';
import { checkPathParameters } from './path-parameters.js';

/**
 * Between the guard that finds out who is calling and the one that looks the tenant up. Public routes look at their
 * paths themselves: people see a page there.
 */
@Injectable()
export class PathGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
    checkPathParameters(request.routeOptions.url ?? '', request.params);
    return true;
  }
}
