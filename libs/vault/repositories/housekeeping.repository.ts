import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Clean-up for all tenants together, now and then. Each method does up to `limit` rows and may be called again. */
@Injectable()
export class HousekeepingRepository {
  constructor(private readonly database: Database) {}

  /** Records `connection.expiring` where a grant is about to end. @returns how many connections were looked at */
  async noteExpiring(limit: number): Promise<number> {
    return this.count('select gk.note_expiring($1) as n', limit);
  }

  /** Has answers read again that another release could not read. @returns how many connections fall due for it */
  async readAgain(release: string, limit: number): Promise<number> {
    const [row] = await this.database.call<{ n: number }>('select gk.read_again($1, $2) as n', [
      release,
      limit,
    ]);
    return row?.n ?? 0;
  }

  /**
   * Deletes deliveries a week after they were made and a month after they were given up, authorization sessions and
   * idempotency keys after a day, events of connections after 90 days. @returns the most of one kind
   */
  async cleanUp(limit: number): Promise<number> {
    return this.count('select gk.clean_up($1) as n', limit);
  }

  private async count(statement: string, limit: number): Promise<number> {
    const [row] = await this.database.call<{ n: number }>(statement, [limit]);
    return row?.n ?? 0;
  }
}
