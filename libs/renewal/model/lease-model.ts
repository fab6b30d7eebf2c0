import type { ClaimRefusal, ConnectionStatus } from '#vault';

/**
 * The rules of leases, generations and ends as pure functions of a row and an instant. The database carries them out
 * (`claim_connection`, `claim_due`, `commit_renewals`, `fail_renewal`, `close_intents`), and is held against these; what
 * follows from them is shown by playing them through. Instants are milliseconds of the database's clock.
 */
export interface LeaseRow {
  readonly generation: number;
  readonly status: ConnectionStatus;
  readonly leaseOwner: string | null;
  readonly leaseUntilMs: number | null;
  /** Until then others wait for the journal of the process that claimed it last. */
  readonly journalWaitUntilMs: number | null;
  readonly retryNotBeforeMs: number | null;
  readonly nextRenewalMs: number | null;
  /** The next request may end what it sends. */
  readonly rotating: boolean;
  /** A new authorisation that waits to be exchanged, by the hash of its ciphertext. */
  readonly pending: string | null;
  /** The one that the holder of the lease is exchanging; null where it renews. */
  readonly leasedPending: string | null;
  /** Claims in a row whose end was never written. */
  readonly unfinished: number;
}

export interface ClaimRequest {
  readonly owner: string;
  readonly generation: number;
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly insist: boolean;
}

export interface Claimed {
  readonly outcome: 'claimed' | ClaimRefusal;
  readonly row: LeaseRow;
}

/** Beyond it a row is left alone for longer and longer: its renewal may be what kills the process. */
const mostUnfinished = 3;

const free = { leaseOwner: null, leaseUntilMs: null, journalWaitUntilMs: null, leasedPending: null } as const;

export function claim(row: LeaseRow, request: ClaimRequest): Claimed {
  const { nowMs } = request;
  const refused = (outcome: ClaimRefusal): Claimed => ({ outcome, row });
  if (row.generation !== request.generation) return refused('renewed');
  if (row.pending === null && row.status === 'reauthorization_required') return refused('ended');
  if (isAfter(row.leaseUntilMs, nowMs)) return refused('leased');
  if (isAfter(row.journalWaitUntilMs, nowMs)) return refused('awaiting_journal');
  if (isAfter(row.retryNotBeforeMs, nowMs) && !request.insist) return refused('held_back');
  const leaseUntilMs = nowMs + request.leaseMs;
  const journalWaitUntilMs = row.rotating ? leaseUntilMs + request.graceMs : null;
  return {
    outcome: 'claimed',
    row: {
      ...row,
      leaseOwner: request.owner,
      leaseUntilMs,
      journalWaitUntilMs,
      leasedPending: row.pending,
      unfinished: Math.min(row.unfinished + 1, 100),
      // Should this claim never end, the worker looks after it.
      nextRenewalMs:
        journalWaitUntilMs === null ? row.nextRenewalMs : earlier(row.nextRenewalMs, journalWaitUntilMs),
    },
  };
}

/** A user has authorised the connection again; the process that holds the lease goes on. */
export function authorize(row: LeaseRow, pending: string, nextRenewalMs: number): LeaseRow {
  return {
    ...row,
    pending,
    nextRenewalMs,
    retryNotBeforeMs: null,
    // This one was never sent.
    journalWaitUntilMs: null,
    rotating: true,
  };
}

export interface Committed {
  readonly generation: number;
  readonly nextRenewalMs: number | null;
  readonly rotating: boolean;
  /** Hash of what was exchanged, or renewed with. */
  readonly sent: string | null;
}

/**
 * A new authorisation that came meanwhile is still to be exchanged, when it was due, and by the process that holds its lease; its own
 * end comes after any renewal that was written meanwhile.
 * @returns undefined when the generation was no longer the claimed one: nothing is written
 */
export function commit(row: LeaseRow, committed: Committed): LeaseRow | undefined {
  const { generation, nextRenewalMs, rotating, sent } = committed;
  const isExchanged = sent !== null && row.pending === sent;
  if (row.generation !== generation && !isExchanged) return undefined;
  const next = { ...row, generation: row.generation + 1, status: 'active', unfinished: 0 } as const;
  if (row.pending !== null && !isExchanged)
    return { ...next, ...(row.leasedPending === row.pending ? {} : free) };
  return { ...next, ...free, pending: null, retryNotBeforeMs: null, nextRenewalMs, rotating };
}

export interface Failed {
  readonly owner: string;
  readonly generation: number;
  readonly status: ConnectionStatus;
  readonly terminal: boolean;
  readonly nextRenewalMs: number | null;
  readonly retryNotBeforeMs: number | null;
  readonly sent: string | null;
  readonly nowMs: number;
}

/**
 * A new authorisation that came meanwhile has nothing to do with it; what was renewed while one was exchanged lives.
 * @returns undefined when nothing is written: another generation, or somebody else's lease and not final
 */
export function fail(row: LeaseRow, failed: Failed): LeaseRow | undefined {
  const isPending = failed.sent !== null && row.pending === failed.sent;
  const hasMoved = row.generation !== failed.generation;
  if (hasMoved && !isPending) return undefined;
  const isOurs = row.leaseOwner === failed.owner;
  if (!isOurs && !failed.terminal) return undefined;
  const isReplaced = row.pending !== null && failed.sent !== null && !isPending;
  const { nextRenewalMs, retryNotBeforeMs } = isReplaced ? row : failed;
  return {
    ...row,
    ...(isOurs ? free : {}),
    pending: failed.terminal && isPending ? null : row.pending,
    status: hasMoved ? row.status : failed.status,
    nextRenewalMs: hasMoved && failed.terminal ? failed.nowMs : nextRenewalMs,
    retryNotBeforeMs,
    unfinished: 0,
  };
}

/** The journal of that owner has been read: its claim will not be ended by anybody else any more. */
export function close(row: LeaseRow, owner: string, nowMs: number): LeaseRow {
  if (row.leaseOwner !== owner) return row;
  const isPutOff = row.unfinished > mostUnfinished && row.nextRenewalMs !== null;
  return { ...row, ...free, nextRenewalMs: isPutOff ? row.nextRenewalMs : earlier(row.nextRenewalMs, nowMs) };
}

function isAfter(instantMs: number | null, nowMs: number): boolean {
  return instantMs !== null && instantMs > nowMs;
}

function earlier(one: number | null, other: number): number {
  return one === null ? other : Math.min(one, other);
}
