import { Injectable } from '@nestjs/common';
import { DisconnectService } from '#connect';
import { RenewalModeService, Renewer } from '#renewal';
import { type Connection, ConnectionRepository, type RenewalMode } from '#vault';
import { notFound } from '../problem/to-problem.js';
import { renewalProblem } from './renewal-problem.js';

@Injectable()
export class ConnectionService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly disconnecting: DisconnectService,
    private readonly renewer: Renewer,
    private readonly renewalModes: RenewalModeService,
  ) {}

  async find(tenantId: string, slug: string): Promise<Connection> {
    const connection = await this.connections.find(tenantId, slug);
    if (!connection) throw notFound();
    return connection;
  }

  async setRenewal(tenantId: string, slug: string, renewal: RenewalMode): Promise<Connection> {
    await this.renewalModes.change(tenantId, await this.find(tenantId, slug), renewal);
    return this.find(tenantId, slug);
  }

  async remove(tenantId: string, slug: string): Promise<void> {
    const connection = await this.find(tenantId, slug);
    if (!(await this.disconnecting.disconnect(tenantId, connection))) throw notFound();
  }

  /** Asks the provider now, even while a recent failure holds others back. */
  async renew(tenantId: string, slug: string): Promise<Connection> {
    const { id: connectionId, generation } = await this.find(tenantId, slug);
    const result = await this.renewer.renew(
      { tenantId, connectionId, generation },
      { insist: true, announce: true },
    );
    if (result.kind !== 'renewed') throw renewalProblem(result);
    return this.find(tenantId, slug);
  }
}
