import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import type { AuditTrail, NewAuditEvent } from './audit-trail.js';

/** Names of fields, with the old and the new value of what is not secret. */
export type ChangedFields = Readonly<Record<string, unknown>>;

const storage = new AsyncLocalStorage<CallerChange>();
const details = new WeakMap<EntityManager, ChangedFields>();

/** Says what the transaction changes, for the audit event that is committed with it. Never a secret. */
export function describeChange(manager: EntityManager, changed: ChangedFields): void {
  details.set(manager, changed);
}

/** The change that a caller has asked for, while it is being made. */
export function callersChange(): CallerChange | undefined {
  return storage.getStore();
}

/**
 * A change that a caller has asked for. Its audit event is written by the transaction that makes it, so neither is
 * there without the other. A change made by several transactions has an event with the first, and with each one more
 * that says what it changes.
 */
export class CallerChange {
  private over = false;
  private recorded: string | undefined;
  private dry = false;

  constructor(
    private readonly trail: AuditTrail,
    /** The outcome is asked for when an event is written. */
    private readonly event: () => NewAuditEvent,
  ) {}

  /** The outcome that its last event has told of; undefined where nothing was written. */
  get recordedOutcome(): string | undefined {
    return this.recorded;
  }

  /** It was only tried: nothing is kept of it. */
  get wasDryRun(): boolean {
    return this.dry;
  }

  noteDryRun(): void {
    this.dry = true;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await storage.run(this, work);
    } finally {
      this.over = true;
    }
  }

  /**
   * @returns what is to be called once the transaction is committed
   * @throws VaultError `not_audited`: the transaction must be rolled back
   */
  async beforeCommit(manager: EntityManager): Promise<() => void> {
    const changed = details.get(manager);
    const nothingToTell = () => undefined;
    // A change in the background after the answer is not the caller's any more.
    if (this.over || (this.recorded !== undefined && !changed)) return nothingToTell;
    if (!changed && !(await hasWritten(manager))) return nothingToTell;
    const { tenantId, ...event } = this.event();
    const told = await this.trail.append(manager, tenantId, [
      changed ? { ...event, data: { ...event.data, changed } } : event,
    ]);
    return () => {
      this.recorded = event.outcome;
      told();
    };
  }
}

async function hasWritten(manager: EntityManager): Promise<boolean> {
  const [row] = await manager.query<{ wrote: boolean }[]>(
    'select pg_current_xact_id_if_assigned() is not null as wrote',
  );
  return row?.wrote ?? false;
}
