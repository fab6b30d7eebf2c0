import { call } from '../api/client';
import { Problem, problemOf } from '../api/problem';
import type { PendingConnection } from '../api/types';
import type { ImportRow } from './rows-in';

export interface RowResult {
  /** The line of the file, as the key of a row in a table. */
  readonly id: string;
  readonly connection: string;
  readonly result: 'made' | 'would be made' | 'waits for its user' | 'is there already' | 'refused';
  readonly detail?: string | undefined;
}

const atOnce = 4;

/** A row whose id is there already is left as it is, so an import that has ended goes on when it is begun again. */
export async function importRows(
  tenant: string,
  rows: readonly ImportRow[],
  isDryRun: boolean,
  onResult: (result: RowResult) => void,
): Promise<void> {
  const left = [...rows];
  const work = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      onResult({ id: String(row.row), connection: row.id, ...(await importRow(tenant, row, isDryRun)) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function importRow(
  tenant: string,
  { id, body, fault }: ImportRow,
  isDryRun: boolean,
): Promise<Pick<RowResult, 'result' | 'detail'>> {
  if (fault !== undefined) return { result: 'refused', detail: `${fault}.` };
  const path = `/v1/tenants/${tenant}/connections`;
  try {
    // Before anything is sent: a refresh token that was used once may be good for nothing.
    if (await exists(`${path}/${encodeURIComponent(id)}`)) return { result: 'is there already' };
    const key = { 'idempotency-key': crypto.randomUUID() };
    const made = await call<PendingConnection>('POST', isDryRun ? `${path}?dry_run=true` : path, body, key);
    if (isDryRun) return { result: 'would be made' };
    if (made.status !== 'pending') return { result: 'made' };
    return { result: 'waits for its user', detail: made.authorization_url ?? made.verification_uri };
  } catch (error) {
    return { result: 'refused', detail: wordsOf(error) };
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await call('GET', path);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

function wordsOf(error: unknown): string {
  const problem = problemOf(error);
  return [problem?.message, problem?.providerWords, problem?.document.remedy].filter(Boolean).join(' ');
}
