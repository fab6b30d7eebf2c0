import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/** The session has no such statement, or has one already: a pooler gives the statements of a client to several sessions. */
const unknownToSession = ['26000', '42P05'];

/**
 * Statements that each session parses and plans once. Through a pooler that does not keep track of them they are sent
 * without a name, from the first that fails on: such a failure comes before anything is done.
 */
export class PreparedStatements {
  private isUsable = true;

  constructor(private readonly dataSource: DataSource) {}

  async run<Row>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    const pool = (this.dataSource.driver as unknown as { readonly master: Pool }).master;
    if (this.isUsable) {
      try {
        return (await pool.query({ name, text, values })).rows as Row[];
      } catch (error) {
        if (!unknownToSession.includes((error as { code?: string }).code ?? '')) throw error;
        this.isUsable = false;
      }
    }
    return (await pool.query({ text, values })).rows as Row[];
  }
}
