import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccessError, Allow, Caller, CurrentTenant, may, type Principal, type TenantRef } from '#access';
import { Renewer } from '#renewal';
import { type Connection, ConnectionRepository } from '#vault';
import { Answers } from '../openapi/answers.js';
import { connectionPaused } from '../problem/connection-paused.js';
import { invalidField, Problem } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import { type RejectionBody, rejectionAnswer, rejectionBody } from './rejections.schemas.js';

/** Seconds in which one connection is renewed for one rejection at most. */
const rejectionPauseSeconds = 30;

/** The failure of a moment ago does not count, and no replica goes on serving the token from memory. */
const announced = { insist: true, announce: true } as const;

/** A caller was refused by the provider with a token from here, although it should have been valid. */
@ApiTags('Tokens')
@Controller('v1/tenants/:tenant/connections/:id/token/rejections')
export class RejectionsController {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly renewer: Renewer,
  ) {}

  @Post()
  @HttpCode(200)
  @Allow('token.reject')
  @Answers(200, 'Report that the provider refused a token of this generation', rejectionAnswer)
  async report(
    @Caller() caller: Principal,
    @CurrentTenant() tenant: TenantRef,
    @Param('id') id: string,
    @Body({ schema: rejectionBody }) body: RejectionBody,
  ): Promise<{ generation: number; renewed: boolean }> {
    if (!may(caller, 'token.reject', tenant.slug, id)) throw new AccessError('forbidden');
    const connection = await this.find(tenant.id, id);
    if (connection.paused) throw connectionPaused();
    const { generation } = connection;
    if (body.generation > generation) {
      throw invalidField('generation', 'has not been issued yet');
    }
    if (body.generation < generation) {
      // Renews nothing, and makes every replica forget the one that was refused.
      await this.renewer.renew({ tenantId: tenant.id, connectionId: connection.id, ...body }, announced);
      return { generation, renewed: false };
    }
    if (!(await this.connections.noteRejection(tenant.id, connection.id))) {
      throw new Problem('rate_limited', {
        detail: `One rejection in ${rejectionPauseSeconds} seconds renews a connection.`,
        retryAfterSeconds: rejectionPauseSeconds,
      });
    }
    return this.renew(tenant.id, connection);
  }

  private async renew(tenantId: string, { id, slug, generation }: Connection) {
    const target = { tenantId, connectionId: id, generation };
    const result = await this.renewer.renew(target, announced);
    switch (result.kind) {
      case 'renewed':
        return { generation: (await this.find(tenantId, slug)).generation, renewed: true };
      case 'failed':
        throw new Problem('provider_unavailable', {
          detail: 'The provider gives no new token at the moment.',
          remedy: result.lastError?.remedy,
          retryAfterSeconds: result.retryAfterSeconds,
        });
      case 'ended':
        throw new Problem('reauthorization_required', { remedy: result.failure?.remedy });
      case 'pending':
        throw new Problem('authorization_pending', { retryAfterSeconds: result.retryAfterSeconds });
      case 'paused':
        throw connectionPaused();
      case 'gone':
        throw notFound();
    }
  }

  private async find(tenantId: string, slug: string): Promise<Connection> {
    const connection = await this.connections.find(tenantId, slug);
    if (!connection) throw notFound();
    return connection;
  }
}
