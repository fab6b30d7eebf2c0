import type { RotationMode } from '#provider-kit';
import { claim, close, commit, fail, type LeaseRow } from '../model/lease-model.js';
import { verdictOn } from '../recovery/journal-verdict.js';
import { RotatingProvider } from './rotating-provider.js';

/** Guards that can be taken out, to see that each is needed. */
export interface Guards {
  readonly generation: boolean;
  readonly journal: boolean;
  readonly journalWait: boolean;
  readonly sendDeadline: boolean;
}

export const allGuards: Guards = { generation: true, journal: true, journalWait: true, sendDeadline: true };

export type Move =
  | { readonly kind: 'step'; readonly replica: 0 | 1 }
  | { readonly kind: 'lose_answer'; readonly replica: 0 | 1 }
  | { readonly kind: 'crash'; readonly replica: 0 | 1; readonly journalSurvives: boolean }
  | { readonly kind: 'restart'; readonly replica: 0 | 1 }
  | { readonly kind: 'wait'; readonly seconds: number };

interface Entry extends Begun {
  readonly sent: string;
  readonly answer: string;
}

interface Begun {
  readonly generation: number;
  readonly claimedAtMs: number;
}

/** Where a replica is in the middle of a renewal. */
type Work =
  | ({ readonly at: 'claimed' } & Begun)
  | ({ readonly at: 'loaded'; readonly sends: string } & Begun)
  | Answered;

type Answered = {
  readonly at: 'answered' | 'kept';
  readonly sends: string;
  readonly answer: string | null;
} & Begun;

interface Replica {
  owner: string;
  alive: boolean;
  work: Work | null;
  journal: Entry[];
  /** Whether its data directory will be there when it comes back. */
  keptJournal: boolean;
}

const leaseMs = 15_000;
const graceMs = 300_000;
const upstreamMs = 10_000;

/** A connection, its provider and two replicas that renew it whenever they can, one move at a time. */
export class TwoReplicas {
  nowMs = 0;
  row: LeaseRow;
  /** The refresh token in the database. */
  stored: string;
  /** Tokens that only somebody knew who is gone: nobody can be blamed for what follows. */
  readonly unknowable = new Set<string>();
  readonly provider: RotatingProvider;
  readonly generations: number[] = [];
  /** Generations in the order in which they were written. */
  readonly written: number[] = [];
  private starts = 0;
  private readonly replicas: readonly [Replica, Replica];

  constructor(
    mode: RotationMode,
    private readonly guards: Guards,
  ) {
    this.provider = new RotatingProvider(mode);
    this.stored = this.provider.first;
    this.row = {
      generation: 1,
      status: 'active',
      leaseOwner: null,
      leaseUntilMs: null,
      journalWaitUntilMs: null,
      retryNotBeforeMs: null,
      nextRenewalMs: 0,
      rotating: mode === 'strict' && guards.journalWait,
      pending: null,
      leasedPending: null,
      unfinished: 0,
    };
    this.replicas = [this.newReplica(), this.newReplica()];
  }

  play(move: Move): void {
    if (move.kind === 'wait') this.nowMs += move.seconds * 1_000;
    else {
      const replica = this.replicas[move.replica];
      if (move.kind === 'restart') this.restart(replica);
      else if (replica.alive && move.kind === 'crash') this.crash(replica, move.journalSurvives);
      else if (replica.alive) this.step(replica, move.kind === 'lose_answer');
    }
    this.generations.push(this.row.generation);
  }

  /** Everybody comes back who can, everything ends that was begun, and then there is one renewal more. */
  settle(): void {
    for (const replica of this.replicas) {
      if (!replica.alive) this.restart(replica);
      while (replica.work) this.step(replica, false);
    }
    this.nowMs += leaseMs + graceMs + 1;
    const before = this.row.generation;
    const [first] = this.replicas;
    for (
      let steps = 0;
      steps < 20 && this.row.generation === before && this.row.status === 'active';
      steps += 1
    ) {
      this.step(first, false);
      this.nowMs += 1_000;
    }
  }

  private newReplica(): Replica {
    this.starts += 1;
    return { owner: `process ${this.starts}`, alive: true, work: null, journal: [], keptJournal: true };
  }

  private step(replica: Replica, losesAnswer: boolean): void {
    const { work } = replica;
    if (!work) {
      this.claim(replica);
    } else if (work.at === 'claimed') {
      const isCurrent = work.generation === this.row.generation;
      replica.work = isCurrent ? { ...work, at: 'loaded', sends: this.stored } : null;
    } else if (work.at === 'loaded') {
      this.send(replica, work, losesAnswer);
    } else if (work.at === 'answered') {
      this.keep(replica, work);
    } else {
      this.end(replica, work);
    }
  }

  private keep(replica: Replica, work: Answered): void {
    const { generation, claimedAtMs, sends: sent, answer } = work;
    if (this.guards.journal && answer !== null) {
      replica.journal.push({ generation, claimedAtMs, sent, answer });
    }
    replica.work = { ...work, at: 'kept' };
  }

  private end(replica: Replica, work: Answered): void {
    if (work.answer === null) this.fail(replica, work.generation, true);
    else this.commit(work.generation, work.answer);
    replica.journal = replica.journal.filter(({ generation }) => generation !== work.generation);
    replica.work = null;
  }

  private claim(replica: Replica): void {
    const request = { owner: replica.owner, nowMs: this.nowMs, leaseMs, graceMs, insist: false };
    const { outcome, row } = claim(this.row, { ...request, generation: this.row.generation });
    this.row = row;
    if (outcome !== 'claimed') return;
    this.noteOverdue(replica);
    replica.work = { at: 'claimed', generation: row.generation, claimedAtMs: this.nowMs };
  }

  /** A replica that is away for longer than the grace is not waited for: one more try with what it may have sent. */
  private noteOverdue(claimer: Replica): void {
    const over = ({ claimedAtMs }: Begun) => this.nowMs >= claimedAtMs + leaseMs + graceMs;
    for (const other of this.replicas) {
      if (other === claimer) continue;
      if (other.work && 'answer' in other.work && over(other.work)) this.unknowable.add(other.work.sends);
      for (const entry of other.journal) if (over(entry)) this.unknowable.add(entry.sent);
    }
  }

  private send(replica: Replica, work: Extract<Work, { at: 'loaded' }>, losesAnswer: boolean): void {
    if (this.guards.sendDeadline && this.nowMs > work.claimedAtMs + upstreamMs) {
      this.fail(replica, work.generation, false);
      replica.work = null;
      return;
    }
    const answer = this.provider.refresh(work.sends);
    if (losesAnswer) {
      this.unknowable.add(work.sends);
      this.fail(replica, work.generation, false);
      replica.work = null;
      return;
    }
    replica.work = { ...work, at: 'answered', answer };
  }

  private commit(generation: number, answer: string): void {
    const used = this.guards.generation ? generation : this.row.generation;
    const written = commit(this.row, {
      generation: used,
      nextRenewalMs: this.nowMs,
      rotating: this.row.rotating,
      sent: null,
    });
    if (!written) return;
    this.row = this.guards.generation ? written : { ...written, generation: generation + 1 };
    this.stored = answer;
    this.written.push(this.row.generation);
  }

  private fail(replica: Replica, generation: number, terminal: boolean): void {
    const used = this.guards.generation ? generation : this.row.generation;
    const retryNotBeforeMs = this.nowMs + 1_000;
    const status = terminal ? 'reauthorization_required' : this.row.status;
    const end = { owner: replica.owner, generation: used, status, terminal, retryNotBeforeMs } as const;
    const { nowMs } = this;
    this.row =
      fail(this.row, { ...end, sent: null, nowMs, nextRenewalMs: terminal ? null : nowMs }) ?? this.row;
  }

  private crash(replica: Replica, journalSurvives: boolean): void {
    const { work } = replica;
    if (work?.at === 'answered') this.unknowable.add(work.sends);
    if (!journalSurvives) {
      for (const { sent } of replica.journal) this.unknowable.add(sent);
      replica.journal = [];
      replica.keptJournal = false;
    }
    replica.alive = false;
    replica.work = null;
  }

  /** Does what `Replay` does: the journal is compared with the database, and then old claims are closed. */
  private restart(replica: Replica): void {
    if (replica.alive) return;
    for (const { generation, sent, answer } of replica.journal) {
      const found = { generation: this.row.generation, matches: this.stored === sent };
      const verdict = verdictOn({ deploymentId: 'd', generation, fromPending: false }, found, 'd');
      if (verdict === 'replay') this.commit(generation, answer);
    }
    replica.journal = [];
    // A journal that is gone for good vouches for nobody.
    if (replica.keptJournal) this.row = close(this.row, replica.owner, this.nowMs);
    replica.keptJournal = true;
    this.starts += 1;
    replica.owner = `process ${this.starts}`;
    replica.alive = true;
  }
}
