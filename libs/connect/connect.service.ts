import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import type { ExchangeFailure } from '#exchange';
import { Renewer } from '#renewal';
import { type Connection, ConnectionRepository, type NewConnection } from '#vault';

export type ConnectResult =
  | { readonly kind: 'active'; readonly connection: Connection }
  | { readonly kind: 'refused'; readonly failure: ExchangeFailure }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number };

/** Gets a connection its first tokens, through the same lease and exchange as every later renewal. */
@Injectable()
export class ConnectService {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly renewer: Renewer,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /**
   * For grants that need nobody's consent. When the provider does not grant it, nothing is left behind; when this
   * process dies halfway, the worker finishes it.
   * @throws VaultError `duplicate`
   */
  async connect(tenantId: string, wanted: Omit<NewConnection, 'takeOverSeconds'>): Promise<ConnectResult> {
    const takeOverSeconds = this.settings.upstreamTimeoutMs / 1_000 + 10;
    const { id, slug } = await this.connections.create(tenantId, { ...wanted, takeOverSeconds });
    const result = await this.renewer.renew({ tenantId, connectionId: id, generation: 0 });
    if (result.kind === 'renewed') {
      const connection = await this.connections.find(tenantId, slug);
      if (connection) return { kind: 'active', connection };
    }
    await this.connections.remove(tenantId, id);
    const failure = 'failure' in result ? result.failure : undefined;
    if (failure?.class === 'configuration' || failure?.class === 'terminal')
      return { kind: 'refused', failure };
    return {
      kind: 'unavailable',
      retryAfterSeconds: result.kind === 'failed' ? result.retryAfterSeconds : 1,
    };
  }
}
