import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Client } from 'pg';
import { InjectSettings, type Settings } from '#config';
import { changesHeard, log } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { within } from './within.js';

/** Kinds of rows of which something is to be forgotten. */
export type ChangedKind = 'api_key' | 'tenant' | 'connection' | 'workload_identities';

/** The id is the row's; that of the tenant for its workload identities. */
export interface Change {
  readonly kind: ChangedKind | 'new_api_key';
  readonly id: string;
  /** Whose the row is, where a trigger has said so. */
  readonly tenantId?: string;
}

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
 * A session counts once it has heard what another one said: through a transaction pooler it would hear at most itself.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  /** On the monotonic clock. */
  lastHeardAtMs = Number.NEGATIVE_INFINITY;
  /** How many were told: grows whenever something may have to be forgotten. */
  changes = 0;

  private readonly self = randomUUID();
  private readonly listeners: ((change: Change | 'missed') => void)[] = [];
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private isDeaf = false;
  /** Under way. */
  private attempts = 0;

  constructor(
    @InjectSettings() private readonly settings: Settings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    changesHeard.observe(() => [[{}, this.hearing ? 1 : 0]]);
  }

  /** True while every change reaches this process. */
  get hearing(): boolean {
    return this.isHearing(this.clock.monotonicMs());
  }

  /** @param nowMs on the monotonic clock */
  isHearing(nowMs: number): boolean {
    return nowMs - this.lastHeardAtMs < deafAfterMs;
  }

  /** True while sessions can be had, but what is said in others does not reach them. */
  get deaf(): boolean {
    return this.isDeaf;
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
    if (!client) return this.isDeaf && this.attempts > 0 ? undefined : this.connect();
    if (!this.hearing) return this.drop(client);
    await this.sayFrom(client).catch(() => this.drop(client));
  }

  private sayFrom(client: Client): Promise<unknown> {
    return client.query('select pg_notify($1, $2)', ['gk_changes', `heartbeat ${this.self}`]);
  }

  /** Each heartbeat without a session tries anew: an attempt may hang, and of several that succeed one is kept. */
  private async connect(): Promise<void> {
    this.attempts += 1;
    try {
      await this.attempt();
    } finally {
      this.attempts -= 1;
    }
  }

  private async attempt(): Promise<void> {
    const client = this.newClient('grantkeeper changes');
    client.on('error', () => this.drop(client));
    let hasEnded = false;
    client.on('end', () => {
      hasEnded = true;
      this.drop(client);
    });
    const first = new Promise<void>((heard) => {
      client.on('notification', ({ payload = '' }) => {
        heard();
        this.hear(payload, client);
      });
    });
    const other = this.newClient('grantkeeper');
    other.on('error', () => undefined);
    try {
      await Promise.all([client.connect(), other.connect()]);
      await client.query('listen gk_changes');
      await this.sayFrom(other);
    } catch {
      // Not waited for: a server that has fallen silent does not say good-bye either.
      void client.end().catch(() => undefined);
      return;
    } finally {
      void other.end().catch(() => undefined);
    }
    const hears = await within(patienceMs, first).then(
      () => true,
      () => false,
    );
    if (hasEnded) return;
    if (this.stopped || this.client) return client.end();
    this.noteDeaf(!hears);
    if (!hears) return client.end().catch(() => undefined);
    this.client = client;
    this.tell('missed');
    this.lastHeardAtMs = this.clock.monotonicMs();
  }

  private newClient(name: string): Client {
    return new Client({
      connectionString: this.settings.databaseDirectUrl,
      application_name: name,
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
      keepAlive: true,
    });
  }

  private noteDeaf(isDeaf: boolean): void {
    if (isDeaf === this.isDeaf) return;
    this.isDeaf = isDeaf;
    if (isDeaf) {
      log.warn(
        'a NOTIFY did not come back within two seconds, so this process hears of no change: keys that were revoked ' +
          'and tokens that were renewed are noticed late, and the database is asked more often; where DATABASE_URL ' +
          'leads through a transaction pooler, set DATABASE_DIRECT_URL to the database itself',
      );
    } else log.info('changes are heard again');
  }

  private drop(client: Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
  }

  private hear(payload: string, client: Client): void {
    const [kind, ids, tenantId] = payload.split(' ', 3);
    if (kind === 'heartbeat') {
      // Of a session that is still being tried it does not count: what was said before it may have been missed.
      if (ids === this.self && client === this.client) this.lastHeardAtMs = this.clock.monotonicMs();
    } else if (ids && isKind(kind)) {
      for (const id of ids.split(','))
        this.tell({ kind, id, ...(tenantId === undefined ? {} : { tenantId }) });
    }
  }

  private tell(change: Change | 'missed'): void {
    this.changes += 1;
    for (const listener of this.listeners) listener(change);
  }
}

function isKind(kind: string | undefined): kind is Change['kind'] {
  return kind !== undefined && kinds.includes(kind);
}
