import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidField } from '../problem/problem.js';

const tried = ['/v1/tenants', '/v1/tenants/:tenant/credentials', '/v1/tenants/:tenant/connections'];

/** Refuses `dry_run` where it is not known: somebody who only means to try something must not do it. */
@Injectable()
export class DryRunGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query, method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    const isAsked = typeof query === 'object' && query !== null && 'dry_run' in query;
    if (!isAsked || (method === 'POST' && tried.includes(routeOptions.url ?? ''))) return true;
    throw invalidField('dry_run', 'is known where a tenant, client credentials or a connection is made');
  }
}
