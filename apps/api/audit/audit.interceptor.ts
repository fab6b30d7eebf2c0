import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import type { Principal, TenantRef } from '#access';
import { log } from '#observability';
import { AuditRepository, type NewAuditEvent, VaultError } from '#vault';
import { toProblem } from '../problem/to-problem.js';

const mutations = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

type CallerRequest = FastifyRequest & { user?: Principal; tenant?: TenantRef };

/**
 * An audit event per change that a caller made or tried to make, committed with the change itself. A call that changed
 * nothing here (it was refused, or only asked a provider) has its event afterwards. Bodies are never part of it.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly audit: AuditRepository) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<CallerRequest>();
    if (!mutations.has(request.method) || !request.user) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const change = this.audit.change(() => eventOf(request, String(reply.statusCode)));
    const noteOutcome = async (outcome: string) => {
      if (change.recordedOutcome !== outcome) await this.audit.append(eventOf(request, outcome));
    };
    let body: unknown;
    try {
      body = await change.run(() => lastValueFrom(next.handle(), { defaultValue: undefined }));
    } catch (error) {
      if (error instanceof VaultError && error.code === 'not_audited') throw error;
      // It was refused already: an event that cannot be written must not say otherwise.
      const problem = toProblem(error);
      // That it was somebody else's account is more than that it was refused.
      const isMismatch = problem?.code === 'account_mismatch';
      await noteOutcome(isMismatch ? problem.code : String(problem?.status ?? 500)).catch(
        (failure: unknown) => {
          log.error({ err: failure }, 'the audit event of a refused call could not be written');
        },
      );
      throw error;
    }
    await noteOutcome(change.wasDryRun ? 'dry_run' : String(reply.statusCode));
    return of(body);
  }
}

function eventOf(request: CallerRequest, outcome: string): NewAuditEvent {
  return {
    tenantId: request.tenant?.id ?? null,
    actor: request.user?.callerId ?? 'anonymous',
    action: `${request.method} ${request.routeOptions.url ?? ''}`,
    target: request.url.split('?', 1)[0] ?? null,
    outcome,
    data: { request_id: request.id },
  };
}
