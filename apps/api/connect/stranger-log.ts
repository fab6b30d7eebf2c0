import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

const intervalMs = 60_000;

/**
 * Visits that belong to no session are counted, and the counts logged once a minute at most. They leave no audit
 * event: anybody could write as many as they like, all into one chain.
 */
@Injectable()
export class StrangerLog implements OnModuleDestroy {
  private readonly logger = new Logger('connect');
  private readonly counts: Record<string, number> = {};
  private timer: NodeJS.Timeout | undefined;

  /** @param refusal one of a fixed list */
  note(refusal: string): void {
    this.counts[refusal] = (this.counts[refusal] ?? 0) + 1;
    this.timer ??= setTimeout(() => this.write(), intervalMs).unref();
  }

  onModuleDestroy(): void {
    if (this.timer) this.write();
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.logger.warn({
      msg: 'browsers that belong to no session were turned away',
      counts: { ...this.counts },
    });
    for (const refusal of Object.keys(this.counts)) delete this.counts[refusal];
  }
}
