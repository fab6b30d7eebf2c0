/** A provider's answer that may hold the only copy of a grant, as a journal keeps it. Nothing in it is secret but `sealed`. */
export interface JournalEntry {
  /** Of the intent it answers. */
  readonly id: string;
  readonly deploymentId: string;
  readonly tenantId: string;
  readonly connectionId: string;
  /** The generation that was renewed. */
  readonly generation: number;
  /** SHA-256, hex, of the ciphertext of what was sent. */
  readonly spentHash: string;
  readonly grantType: string;
  /** Whether a one-time credential was sent, rather than the stored refresh token. */
  readonly fromPending: boolean;
  /** RFC 3339, database's clock: when the request was sent. */
  readonly issuedAt: string;
  /** JWE of the answer. */
  readonly sealed: string;
}

/** An entry without its answer: what is kept in memory of those that are settled. */
export type JournalHead = Omit<JournalEntry, 'sealed'>;

export function headOf({ sealed: _, ...head }: JournalEntry): JournalHead {
  return head;
}
