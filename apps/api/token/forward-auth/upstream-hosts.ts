import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock, PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { ChangeFeed, type Connection, ConnectionRepository, HeardCache, isDatabaseOutage } from '#vault';

/** A connection as a proxy may use it. */
export interface ForwardingRule {
  readonly tenantId: string;
  readonly connectionId: string;
  /** `settings.upstream_hosts` of its client credentials. */
  readonly hosts: readonly string[];
  readonly isSingleUse: boolean;
}

/** As it is compared. */
export function hostName(sent: string): string {
  return sent.trim().toLowerCase();
}

const maxEntries = 50_000;

/** Which hosts a connection's token may be sent to by a proxy. */
@Injectable()
export class UpstreamHosts {
  private readonly known: HeardCache<ForwardingRule>;

  constructor(
    feed: ChangeFeed,
    private readonly connections: ConnectionRepository,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
    @InjectSettings() settings: Settings,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.known = new HeardCache(feed, clock, {
      maxEntries,
      outageSeconds: settings.outageReadSeconds,
      rowsOf: {
        api_key: undefined,
        tenant: ({ tenantId }) => tenantId,
        connection: ({ connectionId }) => connectionId,
        workload_identities: undefined,
      },
    });
  }

  /** The rule, where it is known without asking the database. */
  recall(tenantId: string, slug: string): ForwardingRule | undefined {
    return this.known.get(`${tenantId}/${slug}`);
  }

  /** @returns undefined where there is no such connection */
  async find(tenantId: string, slug: string): Promise<ForwardingRule | undefined> {
    const key = `${tenantId}/${slug}`;
    try {
      const asked = this.known.asking();
      const connection = await this.connections.find(tenantId, slug);
      if (!connection) return undefined;
      const rule = this.ruleOf(connection);
      this.known.put(key, rule, asked);
      return rule;
    } catch (error) {
      const kept = isDatabaseOutage(error) ? this.known.getDuringOutage(key) : undefined;
      if (!kept) throw error;
      return kept;
    }
  }

  private ruleOf({ id, tenantId, credential, requestedScope }: Connection): ForwardingRule {
    const hosts = credential?.settings['upstream_hosts'];
    const provider = credential && this.registry.find(credential.provider);
    return {
      tenantId,
      connectionId: id,
      hosts: Array.isArray(hosts) ? hosts.map(String) : [],
      isSingleUse: provider?.isSingleUse?.(requestedScope) ?? false,
    };
  }
}
