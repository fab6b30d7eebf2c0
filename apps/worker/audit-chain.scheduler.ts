import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { auditChainsBroken, log } from '#observability';
import { AuditChains, type ChainReport, isDatabaseOutage } from '#vault';
import { Turns } from './turns.js';

/** A process that has just started has more urgent work. */
const firstMs = 60_000;

/** From the end of one round through all chains to the next. */
const everyMs = 6 * 60 * 60 * 1_000;

/** For each part of the time that is work, so many are rest. */
const rest = 19;

const retryMs = 60_000;

/**
 * Checks the chains of audit events again and again, one in a turn, and says which is broken: nobody may have to ask
 * before a change of the past is noticed. Events that were cut off the end are seen only against a checkpoint kept
 * elsewhere.
 */
@Injectable()
export class AuditChainScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly turns: Turns;
  private readonly stopping = new AbortController();
  private round: AsyncGenerator<ChainReport> | undefined;
  private broken = new Set<string>();
  private brokenBefore = new Set<string>();

  constructor(
    private readonly chains: AuditChains,
    schedule: SchedulerRegistry,
  ) {
    this.turns = new Turns(schedule, 'audit-chains', () => this.checkNext());
    auditChainsBroken.observe(() => [[{}, this.brokenBefore.union(this.broken).size]]);
  }

  onApplicationBootstrap(): void {
    this.turns.start(firstMs);
  }

  onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    return this.turns.stop();
  }

  /** Checks one chain. @returns milliseconds to sleep */
  async checkNext(): Promise<number> {
    const startedAtMs = performance.now();
    try {
      this.round ??= this.chains.reports(this.stopping.signal);
      const { value: report } = await this.round.next();
      if (!report) return this.endRound();
      this.note(report);
      return rest * (performance.now() - startedAtMs);
    } catch (error) {
      this.round = undefined;
      if (!this.stopping.signal.aborted && !isDatabaseOutage(error))
        log.warn({ err: error }, 'the check of the audit chains failed, will retry');
      return retryMs;
    }
  }

  private endRound(): number {
    this.round = undefined;
    this.brokenBefore = this.broken;
    this.broken = new Set();
    return everyMs;
  }

  private note({ chain, findings }: ChainReport): void {
    this.brokenBefore.delete(chain);
    if (findings.length === 0) return;
    this.broken.add(chain);
    const [first] = findings;
    log.error({ chain, findings: findings.length, first }, 'an audit chain is broken');
  }
}
