import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import type { Principal, TenantRef } from '#access';
import { AuditRepository } from '#vault';
import { toProblem } from '../problem/to-problem.js';

const mutations = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

/** One audit event per change that a caller made or tried to make. Bodies are never part of it. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = new Logger('audit');

  constructor(private readonly audit: AuditRepository) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user?: Principal; tenant?: TenantRef }>();
    if (!mutations.has(request.method) || !request.user) return next.handle();
    try {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.note(request, http.getResponse<FastifyReply>().statusCode);
      return of(body);
    } catch (error) {
      const problem = toProblem(error);
      // That it was somebody else's account is more than that it was refused.
      const isMismatch = problem?.code === 'account_mismatch';
      await this.note(request, isMismatch ? problem.code : (problem?.status ?? 500));
      throw error;
    }
  }

  /** The change has been made or refused: an event that cannot be written must not say otherwise. */
  private async note(
    request: FastifyRequest & { user?: Principal; tenant?: TenantRef },
    outcome: number | 'account_mismatch',
  ): Promise<void> {
    try {
      await this.audit.append({
        tenantId: request.tenant?.id ?? null,
        actor: request.user?.callerId ?? 'anonymous',
        action: `${request.method} ${request.routeOptions.url ?? ''}`,
        target: request.url.split('?', 1)[0] ?? null,
        outcome: String(outcome),
      });
    } catch (error) {
      this.logger.error({ msg: 'an audit event could not be written', err: error });
    }
  }
}
