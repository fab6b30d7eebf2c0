import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Allow, Public } from './access.decorators.js';
import { AccessError } from './access.errors.js';
import { callerRequest } from './caller.js';
import { may } from './may.js';
import { TenantGate } from './tenant-gate.js';

/**
 * Decides, after `CallerGuard`, whether the caller may. A tenant that is not the caller's is not found whether it
 * exists or not, and before anything is said about roles.
 */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: TenantGate,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(Public, targets)) return true;
    const action = this.reflector.getAllAndOverride(Allow, targets);
    const request = callerRequest(context);
    if (!request.user || action === undefined) throw new AccessError('forbidden');
    const slug = request.params['tenant'] ?? null;
    if (slug !== null) {
      if (!this.gate.isOpen(request.user, slug)) throw new AccessError('not_found');
      if (!action.startsWith('tenant.')) {
        const tenant = await this.gate.enter(request.user, slug);
        if (!tenant) throw new AccessError('not_found');
        request.tenant = tenant;
      }
    }
    const isAboutConnection = action.startsWith('connection.') || action.startsWith('token.');
    const connection = isAboutConnection ? request.params['id'] : undefined;
    if (!may(request.user, action, slug, connection)) throw new AccessError('forbidden');
    return true;
  }
}
