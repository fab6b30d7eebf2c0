import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock } from '#provider-kit';

/** Kinds of rows of which something is to be forgotten. */
export type ChangedKind = 'api_key' | 'tenant' | 'connection' | 'workload_identities';

/** The id is the row's; that of the tenant for its workload identities. */
export type Change = { readonly kind: ChangedKind | 'new_api_key'; readonly id: string };

const kinds: readonly string[] = [
  'api_key',
  'tenant',
  'connection',
  'workload_identities',
  'new_api_key',
] satisfies Change['kind'][];

const heartbeatMs = 1_000;
/** Two missed heartbeats mean deaf. */
const deafAfterMs = 2_000;
/** Deadline of connecting, and of one statement, milliseconds. */
const patienceMs = 2_000;

/**
 * Hears what the database says must be forgotten. Each second it tells itself something through the database, so
 * that a connection that has silently died is noticed: `lastHeardAtMs` says up to when nothing can have been missed.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  /** On the monotonic clock. */
  lastHeardAtMs = Number.NEGATIVE_INFINITY;

  private readonly self = randomUUID();
  private readonly listeners: ((change: Change | 'missed') => void)[] = [];
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    @InjectSettings() private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** True while every change reaches this process. */
  get hearing(): boolean {
    return this.clock.monotonicMs() - this.lastHeardAtMs < deafAfterMs;
  }

  /** `missed`: something may have been said while nobody listened. */
  onChange(listener: (change: Change | 'missed') => void): void {
    this.listeners.push(listener);
  }

  /** Tells the listeners of this process what it has just changed itself, ahead of the notification. */
  tellHere(change: Change): void {
    this.tell(change);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
    this.timer = setInterval(() => void this.beat(), heartbeatMs);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const client = this.client;
    if (!client) return this.connect();
    if (!this.hearing) return this.drop(client);
    await client
      .query('select pg_notify($1, $2)', ['gk_changes', `heartbeat ${this.self}`])
      .catch(() => this.drop(client));
  }

  /** Each heartbeat without a session tries anew: an attempt may hang, and of several that succeed one is kept. */
  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.settings.databaseDirectUrl,
      application_name: 'grantkeeper changes',
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
      keepAlive: true,
    });
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    client.on('notification', (message) => this.hear(message.payload ?? ''));
    try {
      await client.connect();
      await client.query('listen gk_changes');
    } catch {
      // Not waited for: a server that has fallen silent does not say good-bye either.
      void client.end().catch(() => undefined);
      return;
    }
    if (this.stopped || this.client) return client.end();
    this.client = client;
    this.tell('missed');
    this.lastHeardAtMs = this.clock.monotonicMs();
  }

  private drop(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
  }

  private hear(payload: string): void {
    const [kind, id] = payload.split(' ', 2);
    if (kind === 'heartbeat') {
      if (id === this.self) this.lastHeardAtMs = this.clock.monotonicMs();
    } else if (id && isKind(kind)) {
      this.tell({ kind, id });
    }
  }

  private tell(change: Change | 'missed'): void {
    for (const listener of this.listeners) listener(change);
  }
}

function isKind(kind: string | undefined): kind is Change['kind'] {
  return kind !== undefined && kinds.includes(kind);
}
