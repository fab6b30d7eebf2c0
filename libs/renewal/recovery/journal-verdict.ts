import type { JournalComparison } from '#vault';

export type JournalVerdict =
  /** The database knows as much, or more, or does not care any more. */
  | 'settled'
  /** The database lacks exactly this generation, and still holds what was sent for it. */
  | 'replay'
  /** It lacks more than this journal can give back, or tells another story. */
  | HoldReason;

export type HoldReason = 'database_behind' | 'database_diverged' | 'other_deployment';

interface Head {
  readonly deploymentId: string;
  readonly generation: number;
  readonly fromPending: boolean;
}

/**
 * Compares an answer in a journal with the database as it is now. A database that was put back would send refresh
 * tokens that are dead already; RFC 9700 §4.14.2 has the provider end the whole grant for that.
 */
export function verdictOn(
  head: Head,
  found: JournalComparison | undefined,
  deploymentId: string,
): JournalVerdict {
  if (head.deploymentId !== deploymentId) return 'other_deployment';
  if (!found) return 'settled';
  const missing = head.generation + 1 - found.generation;
  // Exchanged while a late renewal of the grant before was written: it comes after that one.
  if (missing <= 0) return head.fromPending && found.matches ? 'replay' : 'settled';
  if (missing > 1) return 'database_behind';
  if (found.matches) return 'replay';
  // A code or an import that has since been replaced by another one is of no use to anybody.
  return head.fromPending ? 'settled' : 'database_diverged';
}
