import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { log } from '#observability';
import { CLOCK, type Clock } from '#provider-kit';
import { AuditRepository, InFlight, isDatabaseOutage, type NewAuditEvent } from '#vault';
import { GroupCommit } from './group-commit.js';
import { type CountedReads, type TokenRead, TokenReadCounts } from './token-read-counts.js';

/** How long a read is only in memory, at most, while the database answers: what a process that dies may lose. */
const flushMs = 3_000;
/** Callers and connections told apart between two flushes. */
const maxEntries = 50_000;
/** Events in one transaction. */
const mostEvents = 1_000;

/** Events that are to be written, or may have been. */
interface Batch {
  readonly id: string;
  readonly reads: readonly CountedReads[];
}

/**
 * Puts every token read into the audit trail: counted in memory and written in batches, or for tenants that want it
 * so, each committed before its token is answered.
 */
@Injectable()
export class TokenReadLog implements OnApplicationBootstrap {
  private readonly counts = new TokenReadCounts(maxEntries);
  /** Of which it is not known whether they were written. */
  private readonly unsettled = new Map<string, Batch>();
  private readonly flushing = new InFlight<void>();
  private readonly strict: GroupCommit<Omit<NewAuditEvent, 'tenantId'>>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly audit: AuditRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.strict = new GroupCommit(mostEvents, (tenantId, events) => audit.appendAll(tenantId, events));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), flushMs);
    this.timer.unref();
  }

  /**
   * Counts a read; it is written within seconds.
   * @param nowMs on the monotonic clock
   */
  note(read: TokenRead, nowMs = this.clock.monotonicMs()): void {
    this.counts.add(read, nowMs);
  }

  /** Resolves once the event of this read is committed. Many reads that wait for it share a transaction. */
  commit({ tenantId, ...read }: TokenRead): Promise<void> {
    const nowMs = this.clock.now().getTime();
    return this.strict.add(tenantId, eventOf({ ...read, count: 1, fromMs: nowMs, toMs: nowMs }));
  }

  /**
   * Writes the reads counted until now; those that cannot be written now are written later. Reads that come meanwhile are
   * the next flush's: under load there are always some.
   */
  flush(): Promise<void> {
    return this.flushing.join('flush', async () => {
      for (const tenantId of new Set([...this.unsettled.keys(), ...this.counts.tenantIds])) {
        let left = (this.unsettled.get(tenantId)?.reads.length ?? 0) + this.counts.entriesOf(tenantId);
        while (left > 0) {
          const written = await this.flushSome(tenantId);
          if (written === 0) break;
          left -= written;
        }
      }
    });
  }

  /** To be called when no request can come any more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    // One that is under way began with less; the second of the next two is for what the first could not write.
    await this.flushing.drained();
    await this.flush();
    await this.flush();
    const left = [...this.unsettled.values()].flatMap(({ reads }) => reads);
    if (left.length === 0) return;
    const reads = left.reduce((sum, { count }) => sum + count, 0);
    log.error({ reads }, 'the database could not be reached, so token reads are missing in the audit trail');
  }

  /** With the times of the wall clock. */
  private take(tenantId: string): CountedReads[] {
    const startMs = this.clock.now().getTime() - this.clock.monotonicMs();
    return this.counts.take(tenantId, mostEvents).map(({ fromMs, toMs, ...counted }) => ({
      ...counted,
      fromMs: startMs + fromMs,
      toMs: startMs + toMs,
    }));
  }

  /** @returns how many events were written */
  private async flushSome(tenantId: string): Promise<number> {
    const unsettled = this.unsettled.get(tenantId);
    const batch = unsettled ?? { id: randomUUID(), reads: this.take(tenantId) };
    if (batch.reads.length === 0) return 0;
    this.unsettled.set(tenantId, batch);
    const events = batch.reads.map((counted) => eventOf(counted, batch.id));
    try {
      if (unsettled) await this.audit.appendUnlessThere(tenantId, events, batch.id);
      else await this.audit.appendAll(tenantId, events);
      this.unsettled.delete(tenantId);
      return batch.reads.length;
    } catch (error) {
      if (!isDatabaseOutage(error)) log.warn({ err: error }, 'could not write token reads down, will retry');
      return 0;
    }
  }
}

function eventOf(
  { tenantSlug, callerId, connection, count, fromMs, toMs }: CountedReads,
  batch?: string,
): Omit<NewAuditEvent, 'tenantId'> {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return {
    actor: callerId ?? 'several',
    action: 'token.read',
    target: `/v1/tenants/${tenantSlug}/connections${connection === null ? '' : `/${connection}/token`}`,
    outcome: '200',
    data: { key: callerId, connection, count, from, to, ...(batch !== undefined && { batch }) },
  };
}
