import { Inject, Injectable } from '@nestjs/common';
import type { ClientSecret, Clock, GrantType } from '#provider-kit';
import { CLOCK } from '../clock.token.js';
import { Database } from '../database.js';
import type { WrappedDataKey } from '../encryption/key-wrap.js';
import { Sealer } from '../encryption/sealer.js';
import type { ConnectionStatus, LastError, RenewalMode } from '../entities/connection.entity.js';
import type {
  Claim,
  ClaimedConnection,
  ClaimRefusal,
  ClaimRefused,
  CommittedTokens,
  FailedRenewal,
  PendingGrant,
} from './claim.js';
import { secretBinding } from './credential.repository.js';
import { type PendingGrantContents, pendingGrantBinding } from './pending-grant-contents.js';
import { type TokenContents, tokenSetBinding } from './token-contents.js';

interface ClaimRow {
  outcome: 'claimed' | ClaimRefusal;
  intent_id: string;
  claimed_at: Date;
  retry_in_ms: number | null;
  last_error: LastError | null;
}

interface LoadedRow {
  slug: string;
  grant: GrantType;
  subject: string | null;
  requested_scope: string | null;
  scope: string | null;
  status: ConnectionStatus;
  renewal: RenewalMode;
  generation: number;
  refresh_token_expires_at: Date | null;
  failed_attempts: number;
  token_expires_in_ms: number | null;
  credential_id: string;
  provider: string;
  client_id: string;
  settings: Record<string, unknown>;
  secrets: { id: string; version: number; kind: ClientSecret['kind']; sealed: string }[];
  sealed: string | null;
  pending: { id: string; sealed: string; intervalSeconds: number | null; expired: boolean } | null;
  data_keys: WrappedDataKey[];
}

/** Leases, intents and their ends. Every method is one statement and one transaction. */
@Injectable()
export class RenewalRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param lease.insist claims even while a failure holds others back */
  async claim(
    target: { tenantId: string; connectionId: string; generation: number },
    lease: { owner: string; seconds: number; insist?: boolean },
  ): Promise<Claim | ClaimRefused> {
    const askedAtMs = this.clock.monotonicMs();
    const [row] = await this.database.call<ClaimRow>(
      'select * from gk.claim_connection($1, $2, $3, $4, $5, $6)',
      [
        target.tenantId,
        target.connectionId,
        target.generation,
        lease.owner,
        lease.seconds,
        lease.insist ?? false,
      ],
    );
    if (row?.outcome !== 'claimed') {
      const retryInMs = Math.max(0, row?.retry_in_ms ?? 0);
      return { refusal: row?.outcome ?? 'gone', retryInMs, lastError: row?.last_error ?? null };
    }
    const { tenantId, connectionId, generation } = target;
    return {
      tenantId,
      connectionId,
      generation,
      intentId: row.intent_id,
      claimedAt: row.claimed_at,
      askedAtMs,
      answeredAtMs: this.clock.monotonicMs(),
    };
  }

  /** Claims up to `limit` due connections of any tenant, the longest due first. */
  async claimDue(limit: number, lease: { owner: string; seconds: number }): Promise<Claim[]> {
    const askedAtMs = this.clock.monotonicMs();
    const rows = await this.database.call<Omit<Claim, 'askedAtMs' | 'answeredAtMs'>>(
      `select tenant_id as "tenantId", connection_id as "connectionId", intent_id as "intentId", generation,
         claimed_at as "claimedAt" from gk.claim_due($1, $2, $3)`,
      [lease.owner, limit, lease.seconds],
    );
    const answeredAtMs = this.clock.monotonicMs();
    return rows.map((row) => ({ ...row, askedAtMs, answeredAtMs }));
  }

  /** Milliseconds until the next unleased connection is due, negative when it is late, null when there is none. */
  async msUntilDue(): Promise<number | null> {
    const [row] = await this.database.call<{ ms: number | null }>('select gk.ms_until_due() as ms', []);
    return row?.ms ?? null;
  }

  /**
   * @returns null when the connection went away or moved on meanwhile
   * @throws VaultError `cannot_open`, `unknown_key`
   */
  async load(claim: Claim): Promise<ClaimedConnection | null> {
    const [row] = await this.database.call<LoadedRow>('select * from gk.load_claim($1, $2)', [
      claim.tenantId,
      claim.connectionId,
    ]);
    const [sealingKey] = row?.data_keys ?? [];
    if (!row || !sealingKey || row.generation !== claim.generation) return null;
    const { tenantId, connectionId } = claim;
    return {
      slug: row.slug,
      grant: row.grant,
      subject: row.subject,
      requestedScope: row.requested_scope,
      scope: row.scope,
      status: row.status,
      renewal: row.renewal,
      refreshTokenExpiresAt: row.refresh_token_expires_at,
      failedAttempts: row.failed_attempts,
      tokenExpiresInMs: row.token_expires_in_ms,
      credentialId: row.credential_id,
      provider: row.provider,
      clientId: row.client_id,
      settings: row.settings,
      secrets: await Promise.all(
        row.secrets.map(async (secret) => ({
          id: secret.id,
          kind: secret.kind,
          value: await this.sealer.open(secret.sealed, row.data_keys, secretBinding({ ...secret, tenantId })),
        })),
      ),
      token:
        row.sealed === null
          ? null
          : (JSON.parse(
              await this.sealer.open(
                row.sealed,
                row.data_keys,
                tokenSetBinding(tenantId, connectionId, claim.generation),
              ),
            ) as TokenContents),
      pending: row.pending && (await this.openPending(tenantId, row.pending, row.data_keys)),
      sealingKey,
    };
  }

  /** Writes generation + 1. @returns false when the generation was no longer the claimed one: nothing is written */
  async commit(claim: Claim, sealingKey: WrappedDataKey, tokens: CommittedTokens): Promise<boolean> {
    const binding = tokenSetBinding(claim.tenantId, claim.connectionId, claim.generation + 1);
    const sealed = await this.sealer.seal(JSON.stringify(tokens.contents), sealingKey, binding);
    const [row] = await this.database.call<{ committed: boolean }>(
      'select gk.commit_renewal($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as committed',
      [
        claim.tenantId,
        claim.connectionId,
        claim.intentId,
        claim.generation,
        sealed,
        sealingKey.id,
        tokens.contents.scope,
        tokens.issuedAt,
        tokens.expiresAt,
        tokens.refreshTokenExpiresAt,
        tokens.nextRenewalAt,
        tokens.singleUse,
        tokens.announce,
      ],
    );
    return row?.committed ?? false;
  }

  /** Notes a failure. @returns false when the generation was no longer the claimed one: nothing is written */
  async fail(claim: Claim, failed: FailedRenewal): Promise<boolean> {
    const [row] = await this.database.call<{ noted: boolean }>(
      'select gk.fail_renewal($1, $2, $3, $4, $5, $6, $7, $8, $9) as noted',
      [
        claim.tenantId,
        claim.connectionId,
        claim.intentId,
        claim.generation,
        failed.status,
        JSON.stringify(failed.error),
        failed.nextRenewalAt,
        failed.retryNotBefore,
        failed.dropPending,
      ],
    );
    return row?.noted ?? false;
  }

  /** Gives the lease back: the provider wants to be asked again, at `nextAt` and every so many seconds from then. */
  async postpone(claim: Claim, nextAt: Date, intervalSeconds: number): Promise<void> {
    await this.database.call('select gk.postpone_renewal($1, $2, $3, $4, $5, $6)', [
      claim.tenantId,
      claim.connectionId,
      claim.intentId,
      claim.generation,
      nextAt,
      intervalSeconds,
    ]);
  }

  private async openPending(
    tenantId: string,
    row: NonNullable<LoadedRow['pending']>,
    keys: readonly WrappedDataKey[],
  ): Promise<PendingGrant> {
    const opened = await this.sealer.open(row.sealed, keys, pendingGrantBinding(tenantId, row.id));
    const contents = JSON.parse(opened) as PendingGrantContents;
    return { ...contents, intervalSeconds: row.intervalSeconds, expired: row.expired };
  }
}
