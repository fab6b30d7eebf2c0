import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import { Sealer } from '../encryption/sealer.js';
import type { ConnectionFields, ConnectionStatus, LastError } from '../entities/connection.entity.js';
import { type TokenContents, tokenSetBinding } from './token-contents.js';
import { inOrder, TurnBatch } from './turn-batch.js';

/** A connection as a reader of its token needs it. All durations count from the moment the database answered. */
export interface TokenReading {
  readonly connectionId: string;
  readonly provider: string;
  /** Region or host that fails as one; limits and breaker count by it. */
  readonly upstream: string;
  readonly status: ConnectionStatus;
  readonly generation: number;
  readonly token: TokenContents | null;
  /** The fields that go with the token; no secret. */
  readonly fields: ConnectionFields;
  /** Whole life of the access token, milliseconds; infinite for one that does not expire. */
  readonly lifetimeMs: number;
  /** The rest of that life, milliseconds; negative once it has expired. */
  readonly remainingMs: number;
  /** Null also for a token that does not expire. */
  readonly expiresAt: Date | null;
  /** Until the provider may be asked again after a failure; 0 when it may be asked now. */
  readonly retryInMs: number;
  /** Somebody is renewing it. */
  readonly leased: boolean;
  readonly lastError: LastError | null;
  /** The token leaves once only, through `take`. */
  readonly singleUse: boolean;
  /** Neither renewed nor read until it is lifted. */
  readonly paused: boolean;
  /** Of the credential. */
  readonly settings: Record<string, unknown>;
  /** Type of the one-time credential that is still to be exchanged. */
  readonly pendingGrant: string | null;
  /** It is sent at an interval until the user has answered. */
  readonly polled: boolean;
  /** The tenant wants each read in the audit trail before it is answered. */
  readonly auditedStrictly: boolean;
}

interface Row {
  connection_id: string;
  provider: string;
  upstream: string;
  status: ConnectionStatus;
  generation: number;
  lifetime_ms: number | null;
  remaining_ms: number | null;
  expires_at: Date | null;
  retry_in_ms: number | null;
  leased: boolean;
  last_error: LastError | null;
  single_use: boolean;
  paused: boolean;
  settings: Record<string, unknown>;
  pending_grant: string | null;
  polled: boolean;
  fields: ConnectionFields;
  audited_strictly: boolean;
  sealed: string | null;
  data_key: WrappedDataKey;
}

interface Wanted {
  readonly tenantId: string;
  readonly slug: string;
}

@Injectable()
export class TokenRepository {
  private readonly reads = new TurnBatch<Wanted, Row | undefined>((wanted) => this.readAll(wanted));

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** One statement at most. @returns undefined when the tenant has no such connection */
  async read(tenantId: string, slug: string): Promise<TokenReading | undefined> {
    const row = await this.reads.add({ tenantId, slug });
    if (!row) return undefined;
    return {
      connectionId: row.connection_id,
      provider: row.provider,
      upstream: row.upstream,
      status: row.status,
      generation: row.generation,
      token: row.sealed === null ? null : await this.open(tenantId, row, row.sealed),
      fields: row.fields,
      lifetimeMs: row.lifetime_ms ?? lifeOf(row),
      remainingMs: row.remaining_ms ?? lifeOf(row),
      expiresAt: row.expires_at,
      retryInMs: Math.max(0, row.retry_in_ms ?? 0),
      leased: row.leased,
      lastError: row.last_error,
      singleUse: row.single_use,
      paused: row.paused,
      settings: row.settings,
      pendingGrant: row.pending_grant,
      polled: row.polled,
      auditedStrictly: row.audited_strictly,
    };
  }

  /**
   * Takes a single-use token out: the stored one is gone, and committed to be gone, before this resolves.
   * @returns whether it is the caller's to use; true once per generation
   */
  async take(tenantId: string, connectionId: string, generation: number): Promise<boolean> {
    const [row] = await this.database.call<{ taken: boolean }>('select gk.take_token($1, $2, $3) as taken', [
      tenantId,
      connectionId,
      generation,
    ]);
    return row?.taken ?? false;
  }

  /** Notes that somebody reads these connections. One write per connection and token at most, however often it is read. */
  async noteReads(connectionIds: readonly string[]): Promise<void> {
    await this.database.call('select gk.note_reads($1)', [connectionIds]);
  }

  /** Tells every replica to forget what it has cached of a connection. */
  async announce(connectionId: string): Promise<void> {
    await this.database.call('select pg_notify($1, $2)', ['gk_changes', `connection ${connectionId}`]);
  }

  /** Of any tenants: the function takes one for each row, and sees that tenant's rows alone. */
  private async readAll(wanted: readonly Wanted[]): Promise<(Row | undefined)[]> {
    const rows = await this.database.callPrepared<Row & { readonly n: number }>(
      'gk_read_tokens',
      `select wanted.n::int, found.* from unnest($1::uuid[], $2::text[]) with ordinality as wanted (tenant_id, slug, n)
         cross join lateral gk.read_token(wanted.tenant_id, wanted.slug) as found`,
      [wanted.map(({ tenantId }) => tenantId), wanted.map(({ slug }) => slug)],
    );
    return inOrder(rows, wanted.length);
  }

  private async open(tenantId: string, row: Row, sealed: string): Promise<TokenContents> {
    const binding = tokenSetBinding(tenantId, row.connection_id, row.generation);
    return JSON.parse(await this.sealer.open(sealed, [row.data_key], binding)) as TokenContents;
  }
}

/** Of an access token without an end, milliseconds; none where there is no token. */
function lifeOf({ sealed }: Row): number {
  return sealed === null ? 0 : Number.POSITIVE_INFINITY;
}
