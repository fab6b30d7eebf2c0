import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Claim, Partition } from '#vault';

/** Where a renewal counts. The upstream is unknown where a caller names a connection without having read it. */
export type RunningRenewal = Pick<Partition, 'tenantId'> & Partial<Pick<Partition, 'upstream'>>;

/** The renewals that this process is making: claimed, and their outcome not written yet. */
@Injectable()
export class RunningRenewals {
  /** Names this process in the lease table. */
  readonly owner = randomUUID();
  private readonly byIntent = new Map<string, RunningRenewal>();

  get size(): number {
    return this.byIntent.size;
  }

  has(intentId: string): boolean {
    return this.byIntent.has(intentId);
  }

  intentIds(): string[] {
    return [...this.byIntent.keys()];
  }

  list(): RunningRenewal[] {
    return [...this.byIntent.values()];
  }

  async during<T>(
    { intentId, tenantId }: Pick<Claim, 'intentId' | 'tenantId'>,
    upstream: string | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    this.byIntent.set(intentId, { tenantId, ...(upstream === undefined ? {} : { upstream }) });
    try {
      return await work();
    } finally {
      this.byIntent.delete(intentId);
    }
  }
}
