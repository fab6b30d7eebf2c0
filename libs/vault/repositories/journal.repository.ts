import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';

/** The database's word on the connection of a journal entry. */
export interface JournalComparison {
  readonly generation: number;
  /** It still holds exactly what the entry's request has sent. */
  readonly matches: boolean;
}

/** Connections asked about in one statement. */
const batch = 1_000;

/** Keeps journals and the database in step, across tenants. */
@Injectable()
export class JournalRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** The installation that ciphertexts are bound to. */
  get deploymentId(): string {
    return this.sealer.deploymentId;
  }

  /** Names the server and its timeline: another value means a promoted standby or a restored backup. */
  async serverLine(): Promise<string> {
    const [row] = await this.database.call<{ line: string }>('select gk.server_line() as line', []);
    return row?.line ?? '';
  }

  /** @returns by entry id; an entry whose connection is gone is missing */
  async compare(
    heads: readonly { readonly id: string; readonly connectionId: string; readonly spentHash: string }[],
  ): Promise<Map<string, JournalComparison>> {
    const found = new Map<string, JournalComparison>();
    for (let at = 0; at < heads.length; at += batch) {
      const asked = heads.slice(at, at + batch).map(({ id, connectionId, spentHash }) => ({
        id,
        connection: connectionId,
        hash: spentHash,
      }));
      const rows = await this.database.call<JournalComparison & { id: string }>(
        'select * from gk.compare_journal($1)',
        [JSON.stringify(asked)],
      );
      for (const { id, generation, matches } of rows) found.set(id, { generation, matches });
    }
    return found;
  }

  /** These journals hold nothing that the database on that server does not know. */
  async noteCompared(journalIds: readonly string[], serverLine: string): Promise<void> {
    await this.database.call('select gk.journals_compared($1, $2)', [journalIds, serverLine]);
  }

  /** These journals are gone, and held nothing of use: nobody waits for them any more. */
  async forget(journalIds: readonly string[]): Promise<void> {
    await this.database.call('select gk.forget_journals($1)', [journalIds]);
  }

  /**
   * Ends the claims that were made for these journals and that nobody works on any more: of processes that are gone,
   * and of this one where the answer to a claim, or the write of its end, was lost.
   * @param underWay intents this process is working on
   * @returns how many leases were given back
   */
  async closeIntents(
    journalIds: readonly string[],
    owner: string,
    underWay: readonly string[],
    leaseSeconds: number,
  ): Promise<number> {
    const [row] = await this.database.call<{ closed: number }>(
      'select gk.close_intents($1, $2, $3, $4) as closed',
      [journalIds, owner, underWay, leaseSeconds],
    );
    return row?.closed ?? 0;
  }
}
