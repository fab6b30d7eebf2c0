import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** What this process is spending at this moment. */
@Injectable()
export class Spending {
  /** Names this process in the lease table. */
  readonly owner = randomUUID();
  private readonly intents = new Set<string>();

  has(intentId: string): boolean {
    return this.intents.has(intentId);
  }

  underWay(): string[] {
    return [...this.intents];
  }

  async during<T>(intentId: string, work: () => Promise<T>): Promise<T> {
    this.intents.add(intentId);
    try {
      return await work();
    } finally {
      this.intents.delete(intentId);
    }
  }
}
