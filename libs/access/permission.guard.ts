import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Allow, Public, Sensitive } from './access.decorators.js';
import { AccessError } from './access.errors.js';
import { RefusalLog } from './audit/refusal-log.js';
import { callerRequest } from './caller.js';
import { may } from './may.js';
import type { Principal } from './principal.js';
import { TenantGate } from './tenant-gate.js';

/** A browser that somebody has left is a danger for so long. */
const longestSeconds = 600;

/**
 * Decides, after `CallerGuard`, whether the caller may. A tenant that is not the caller's is not found whether it
 * exists or not, and before anything is said about roles.
 */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: TenantGate,
    private readonly refusals: RefusalLog,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride(Public, targets)) return true;
    const action = this.reflector.getAllAndOverride(Allow, targets);
    const request = callerRequest(context);
    if (!request.user || action === undefined) throw new AccessError('forbidden');
    const slug = request.params['tenant'] ?? null;
    if (slug !== null) {
      if (!this.gate.isOpen(request.user, slug)) throw this.refused(request.user, 'not_found');
      if (!action.startsWith('tenant.')) {
        const tenant = await this.gate.enter(request.user, slug);
        if (!tenant) throw new AccessError('not_found');
        request.tenant = tenant;
      }
    }
    // The audit trail of a tenant has the sign-ins with its keys.
    const { tenantId, tenantSlug } = request.user;
    if (action.startsWith('console.') && tenantId !== null && tenantSlug !== null) {
      request.tenant = { id: tenantId, slug: tenantSlug };
    }
    const isAboutConnection = action.startsWith('connection.') || action.startsWith('token.');
    const connection = isAboutConnection ? request.params['id'] : undefined;
    if (!may(request.user, action, slug, connection)) throw this.refused(request.user, 'forbidden');
    const isSensitive = this.reflector.getAllAndOverride(Sensitive, targets) ?? false;
    if (isSensitive && !isSignedInLately(request.user)) throw new AccessError('reauthentication_required');
    return true;
  }

  private refused(principal: Principal, code: 'not_found' | 'forbidden'): AccessError {
    this.refusals.noteRefused(principal, code);
    return new AccessError(code);
  }
}

/** A key is shown with each call; a session remembers when its key or person was seen. */
function isSignedInLately({ isConsole, signIn }: Principal): boolean {
  return !isConsole || (signIn !== undefined && signIn.secondsAgo <= longestSeconds);
}
