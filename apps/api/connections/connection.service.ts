import { Inject, Injectable } from '@nestjs/common';
import { ConnectService } from '#connect';
import { PROVIDER_REGISTRY, ProviderRegistry } from '#provider-kit';
import { RenewalModeService, Renewer } from '#renewal';
import { type Connection, ConnectionRepository, CredentialRepository, type RenewalMode } from '#vault';
import { generatedSlug } from '../http/generated-slug.js';
import { invalidField, Problem } from '../problem/problem.js';
import { providerProblem } from '../problem/provider-problem.js';
import { notFound } from '../problem/to-problem.js';
import type { NewConnectionRequest } from './new-connection.schemas.js';
import { renewalProblem } from './renewal-problem.js';

@Injectable()
export class ConnectionService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly credentials: CredentialRepository,
    private readonly connecting: ConnectService,
    private readonly renewer: Renewer,
    private readonly renewalModes: RenewalModeService,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  async create(tenantId: string, body: NewConnectionRequest): Promise<Connection> {
    const credential = await this.credentials.find(tenantId, body.credential);
    if (!credential) throw invalidField('credential', 'is not a credential of this tenant');
    const { grants } = this.registry.get(credential.provider).descriptor;
    if (!grants.includes(body.grant)) {
      throw invalidField('grant', `is not offered by this provider, which has ${grants.join(', ')}`);
    }
    if (body.grant !== 'client_credentials') throw invalidField('grant', 'is not supported yet');
    const result = await this.connecting.connect(tenantId, {
      slug: body.id ?? generatedSlug('conn'),
      credential,
      grant: body.grant,
      subject: body.subject ?? null,
      requestedScope: body.scope ?? null,
      renewal: body.renewal,
    });
    if (result.kind === 'active') return result.connection;
    if (result.kind === 'refused') throw providerProblem(result.failure);
    throw new Problem('provider_unavailable', {
      detail: 'The provider gave no usable answer; nothing was saved.',
      retryAfterSeconds: result.retryAfterSeconds,
    });
  }

  async find(tenantId: string, slug: string): Promise<Connection> {
    const connection = await this.connections.find(tenantId, slug);
    if (!connection) throw notFound();
    return connection;
  }

  async setRenewal(tenantId: string, slug: string, renewal: RenewalMode): Promise<Connection> {
    const connection = await this.find(tenantId, slug);
    await this.renewalModes.change(tenantId, connection, renewal);
    return this.find(tenantId, slug);
  }

  async remove(tenantId: string, slug: string): Promise<void> {
    const { id } = await this.find(tenantId, slug);
    if (!(await this.connections.remove(tenantId, id))) throw notFound();
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
