import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type RawResponse } from '#provider-kit';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import type { LastError } from '../entities/connection.entity.js';
import { answerBinding } from './answer-binding.js';
import { boundContents } from './bound-contents.js';
import type {
  Claim,
  ClaimedConnection,
  ClaimLimits,
  ClaimRefusal,
  ClaimRefused,
  DueClaim,
  FailedRenewal,
  Lease,
} from './claim.js';
import { hashOf, type LoadedRow, loadStatement, openLoaded } from './claimed-connection.js';
import {
  type CommittedTokens,
  commitParameters,
  commitStatement,
  type SealedCommit,
} from './commit-statement.js';
import { type FailureToNote, failParameters, failStatement } from './fail-statement.js';
import { tokenSetBinding } from './token-contents.js';
import { TurnBatch } from './turn-batch.js';
import type { ManyParameters } from './write-together.js';

/** The facts of the loaded connection that a commit needs. */
type SpentConnection = Pick<ClaimedConnection, 'credentialId' | 'dataKeys' | 'spentHash' | 'pending'>;

type WantedRow = Pick<Claim, 'tenantId' | 'connectionId'>;

interface ClaimRow {
  outcome: 'claimed' | ClaimRefusal;
  intent_id: string;
  claimed_at: Date;
  retry_in_ms: number | null;
  last_error: LastError | null;
}

/** Leases, intents and their ends. Every method is one statement and one transaction at most; what comes in one turn shares it, of several tenants too. */
@Injectable()
export class RenewalRepository {
  private readonly loads = new TurnBatch<WantedRow, LoadedRow | undefined>((wanted) => this.loadAll(wanted));
  private readonly commits = new TurnBatch<SealedCommit, boolean>((commits) =>
    this.writeAll(commitStatement, commitParameters(commits)),
  );
  private readonly failures = new TurnBatch<FailureToNote, boolean>((failures) =>
    this.writeAll(failStatement, failParameters(failures)),
  );

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param lease.insist claims even while a failure holds others back */
  async claim(
    target: { tenantId: string; connectionId: string; generation: number },
    lease: Lease & { readonly insist?: boolean },
  ): Promise<Claim | ClaimRefused> {
    const askedAtMs = this.clock.monotonicMs();
    const [row] = await this.database.call<ClaimRow>('select * from gk.claim_connection($1, $2)', [
      target.tenantId,
      JSON.stringify({
        connection_id: target.connectionId,
        generation: target.generation,
        owner: lease.owner,
        journal_id: lease.journalId,
        lease_seconds: lease.seconds,
        grace_seconds: lease.graceSeconds,
        insist: lease.insist ?? false,
      }),
    ]);
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
      owner: lease.owner,
      journalId: lease.journalId,
      claimedAt: row.claimed_at,
      askedAtMs,
      answeredAtMs: this.clock.monotonicMs(),
    };
  }

  /** Claims up to `limit` due connections of any tenant: the longest due first, in turns where not all fit. */
  async claimDue(limit: number, lease: Lease, limits: ClaimLimits): Promise<DueClaim[]> {
    const askedAtMs = this.clock.monotonicMs();
    const { tenantLimit, upstreamLimit, ...counts } = limits;
    const rows = await this.database.call<
      Omit<DueClaim, 'owner' | 'journalId' | 'askedAtMs' | 'answeredAtMs'>
    >(
      `select tenant_id as "tenantId", connection_id as "connectionId", intent_id as "intentId", generation,
         claimed_at as "claimedAt", upstream from gk.claim_due($1, $2, $3, $4, $5, $6)`,
      [
        lease.owner,
        lease.journalId,
        limit,
        lease.seconds,
        lease.graceSeconds,
        JSON.stringify({ ...counts, tenant_limit: tenantLimit, upstream_limit: upstreamLimit }),
      ],
    );
    const answeredAtMs = this.clock.monotonicMs();
    const { owner, journalId } = lease;
    return rows.map((row) => ({ ...row, owner, journalId, askedAtMs, answeredAtMs }));
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
  async load(
    claim: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>,
  ): Promise<ClaimedConnection | null> {
    const row = await this.loads.add(claim);
    return row?.generation === claim.generation ? openLoaded(row, claim, this.sealer) : null;
  }

  /** A provider's answer, sealed for the journal under this claim's name. */
  sealAnswer(claim: Claim, { dataKeys }: ClaimedConnection, answer: RawResponse): Promise<string> {
    return this.sealer.seal(JSON.stringify(answer), dataKeys[0], answerBinding(claim));
  }

  /** @throws VaultError `cannot_open`, `unknown_key` */
  async openAnswer(
    claim: Pick<Claim, 'tenantId' | 'intentId' | 'generation'>,
    { dataKeys }: ClaimedConnection,
    sealed: string,
  ): Promise<RawResponse> {
    return JSON.parse(await this.sealer.open(sealed, dataKeys, answerBinding(claim))) as RawResponse;
  }

  /**
   * Writes the next generation. A new authorisation that was exchanged while a late renewal of the grant before was
   * written comes after that one: it is in nobody's way.
   * @returns false when the generation was no longer the claimed one otherwise: nothing is written
   */
  async commit(
    { tenantId, connectionId, ...claim }: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>,
    { credentialId, dataKeys: [sealingKey], spentHash, pending }: SpentConnection,
    tokens: CommittedTokens,
  ): Promise<boolean> {
    for (let { generation } = claim; ; ) {
      const binding = tokenSetBinding(tenantId, connectionId, generation + 1);
      const contents = boundContents(tokens.contents, credentialId);
      const sealed = await this.sealer.seal(contents, sealingKey, binding);
      const commit = { claim: { tenantId, connectionId, generation }, sealed, dataKeyId: sealingKey.id };
      if (await this.commits.add({ ...commit, tokens, spentHash })) return true;
      const row = pending ? await this.loads.add({ tenantId, connectionId }) : undefined;
      if (!row?.pending || row.generation === generation || hashOf(row.pending.sealed) !== spentHash)
        return false;
      generation = row.generation;
    }
  }

  /** Notes a failure. @returns false when the generation was no longer the claimed one: nothing is written */
  fail(claim: Claim, failed: FailedRenewal): Promise<boolean> {
    return this.failures.add({ claim, failed });
  }

  /**
   * Takes the new authorisation away that was sent, and leaves the grant of before as it was.
   * @returns false when it has been replaced, or somebody has written the end of this attempt
   */
  async turnAway(
    claim: Pick<Claim, 'tenantId' | 'connectionId' | 'intentId'> & Partial<Pick<Claim, 'owner'>>,
    spentHash: string | null,
    code: string,
  ): Promise<boolean> {
    const { connectionId, intentId, owner } = claim;
    const [row] = await this.database.call<{ done: boolean }>('select gk.turn_away($1, $2) as done', [
      claim.tenantId,
      JSON.stringify({
        connection_id: connectionId,
        intent_id: intentId,
        owner,
        spent_hash: spentHash,
        code,
      }),
    ]);
    return row?.done ?? false;
  }

  /**
   * Gives the lease back, if it is still this claim's: the provider is asked again at `nextAt`.
   * @param intervalSeconds CIBA: seconds between two polls from then on; null: as before
   */
  async reschedule(claim: Claim, nextAt: Date, intervalSeconds: number | null): Promise<void> {
    await this.database.call('select gk.reschedule_renewal($1, $2, $3, $4, $5)', [
      claim.tenantId,
      claim.connectionId,
      claim.intentId,
      nextAt,
      intervalSeconds,
    ]);
  }

  private async loadAll(wanted: readonly WantedRow[]): Promise<(LoadedRow | undefined)[]> {
    const rows = await this.database.call<LoadedRow>(loadStatement, [
      wanted.map(({ tenantId }) => tenantId),
      wanted.map(({ connectionId }) => connectionId),
    ]);
    const found = new Map(rows.map((row) => [`${row.tenant_id} ${row.connection_id}`, row]));
    return wanted.map(({ tenantId, connectionId }) => found.get(`${tenantId} ${connectionId}`));
  }

  /** @returns of each, in their order, whether it was written */
  private async writeAll(statement: string, parameters: ManyParameters): Promise<boolean[]> {
    const rows = await this.database.call<{ at: number; written: boolean }>(statement, parameters);
    return rows.sort((one, other) => one.at - other.at).map(({ written }) => written);
  }
}
