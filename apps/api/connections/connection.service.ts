import { Injectable } from '@nestjs/common';
import type { TenantRef } from '#access';
import { DisconnectService } from '#connect';
import { log } from '#observability';
import { RenewalModeService, Renewer } from '#renewal';
import { AuditRepository, ChangeFeed, type Connection, ConnectionRepository } from '#vault';
import { connectionPaused } from '../problem/connection-paused.js';
import { notFound } from '../problem/to-problem.js';
import type { ConnectionChangeBody } from './connection.schemas.js';
import { renewalProblem } from './renewal-problem.js';

@Injectable()
export class ConnectionService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly disconnecting: DisconnectService,
    private readonly renewer: Renewer,
    private readonly renewalModes: RenewalModeService,
    private readonly feed: ChangeFeed,
    private readonly audit: AuditRepository,
  ) {}

  async find(tenantId: string, slug: string): Promise<Connection> {
    const connection = await this.connections.find(tenantId, slug);
    if (!connection) throw notFound();
    return connection;
  }

  /** @param by who asks for it, for the history */
  async change(
    tenantId: string,
    slug: string,
    { renewal, labels, paused }: ConnectionChangeBody,
    by: string,
  ): Promise<Connection> {
    const connection = await this.find(tenantId, slug);
    if (paused !== undefined) await this.setPaused(tenantId, connection.id, paused, by);
    if (labels) await this.connections.setLabels(tenantId, connection.id, labels);
    if (renewal) await this.renewalModes.change(tenantId, connection, renewal);
    return this.find(tenantId, slug);
  }

  private async setPaused(tenantId: string, connectionId: string, paused: boolean, by: string) {
    await this.connections.setPaused(tenantId, connectionId, paused, by);
    // The next read of whoever paused it may come before the notification.
    this.feed.tellHere({ kind: 'connection', id: connectionId });
  }

  /** @param actor id of the caller, for the audit */
  async remove(tenant: TenantRef, slug: string, actor: string): Promise<void> {
    const connection = await this.find(tenant.id, slug);
    const { removed, revocationFailure } = await this.disconnecting.disconnect(tenant.id, connection);
    if (!removed) throw notFound();
    this.feed.tellHere({ kind: 'connection', id: connection.id });
    if (!revocationFailure) return;
    // The connection is gone: an event that cannot be written must not say otherwise.
    await this.audit
      .append({
        tenantId: tenant.id,
        actor,
        action: 'connection.revocation_failed',
        target: `/v1/tenants/${tenant.slug}/connections/${slug}`,
        outcome: revocationFailure.code,
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'the audit event of a revocation that failed could not be written');
      });
  }

  /** Asks the provider now, even while a recent failure holds others back. */
  async renew(tenantId: string, slug: string): Promise<Connection> {
    const { id: connectionId, generation, paused } = await this.find(tenantId, slug);
    if (paused) throw connectionPaused();
    const result = await this.renewer.renew(
      { tenantId, connectionId, generation },
      { insist: true, announce: true },
    );
    if (result.kind !== 'renewed') throw renewalProblem(result);
    return this.find(tenantId, slug);
  }
}
