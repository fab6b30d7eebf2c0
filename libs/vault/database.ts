import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { callersChange } from './audit/caller-change.js';
import { refusingOrphans } from './database-errors.js';
import { isDryRun, RolledBack } from './dry-run.js';
import { despiteOwnDelay } from './own-delay.js';
import { PreparedStatements } from './prepared-statements.js';
import { within } from './within.js';

/**
 * A process that is frozen in the middle of a transaction must not keep its locks, or everybody else would wait for
 * it to wake: after so many milliseconds the server ends the session, and with it the transaction.
 */
const mostIdleMs = 5_000;

const letGo = `set_config('idle_in_transaction_session_timeout', '${mostIdleMs}', true)`;

/** Longer than this, and the database counts as unreachable, milliseconds. */
const patienceMs = 2_000;

/**
 * The only way to rows: a transaction that has dropped to the application role and named whose rows it may see.
 * Both are `SET LOCAL`, so a pooled connection (PgBouncer in transaction mode too) carries nothing over.
 */
@Injectable()
export class Database {
  private readonly prepared: PreparedStatements;

  constructor(readonly dataSource: DataSource) {
    this.prepared = new PreparedStatements(dataSource);
  }

  /** Sees and writes the rows of one tenant. */
  inTenant<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.scoped(
      `select set_config('role', 'grantkeeper_app', true), set_config('gk.tenant_id', $1, true), ${letGo}`,
      [tenantId],
      work,
    );
  }

  /** Sees and writes the list of tenants and the platform's own keys; no tenant's data. */
  inPlatform<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.scoped(
      `select set_config('role', 'grantkeeper_app', true), set_config('gk.platform', 'on', true), ${letGo}`,
      [],
      work,
    );
  }

  /** One call of a function of the schema, which sets its own role and tenant. */
  async call<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    return despiteOwnDelay(() => this.dataSource.query<Row[]>(statement, [...parameters]));
  }

  /** As `call`, of a statement that is asked so often that each session prepares it. */
  callPrepared<Row>(name: string, statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    return despiteOwnDelay(() => this.prepared.run(name, statement, [...parameters]));
  }

  /** Rejects when the database does not answer within two seconds. */
  async ping(): Promise<void> {
    await within(patienceMs, this.dataSource.query('select 1'));
  }

  private async scoped<T>(
    statement: string,
    parameters: unknown[],
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const change = callersChange();
    const transaction = this.dataSource.transaction(async (manager) => {
      await manager.query(statement, parameters);
      const result = await work(manager);
      if (isDryRun()) {
        await manager.query('set constraints all immediate');
        throw new RolledBack(result);
      }
      return [result, await change?.beforeCommit(manager)] as const;
    });
    try {
      const [result, committed] = await refusingOrphans(transaction);
      committed?.();
      return result;
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
      change?.noteDryRun();
      return error.result as T;
    }
  }
}
