interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Column of the row id that the ciphertext is bound to. */
  readonly id: string;
  /** Column of the generation or version that it is bound to; absent: always 1. */
  readonly generation?: string;
  /** Column of the connection whose requests send it: another ciphertext in its place would look like a new grant. */
  readonly sentFor?: string;
}

/**
 * Every column that is sealed with a data key of its tenant. Each table has `data_key_id` beside it, so a table that is
 * missing here keeps an old data key from being deleted.
 */
export const sealedColumns = [
  { table: 'authorization_sessions', column: 'sealed', id: 'id' },
  { table: 'credentials', column: 'seal', id: 'id' },
  { table: 'credential_secrets', column: 'sealed', id: 'id', generation: 'version' },
  { table: 'pending_grants', column: 'sealed', id: 'id', sentFor: 'connection_id' },
  {
    table: 'token_sets',
    column: 'sealed',
    id: 'connection_id',
    generation: 'generation',
    sentFor: 'connection_id',
  },
  { table: 'webhooks', column: 'sealed', id: 'id' },
] as const satisfies readonly SealedColumn[];

export type SealedTable = (typeof sealedColumns)[number]['table'];

/** The list as the re-sealing reads it: with the members that only some of them have. */
export const everySealedColumn: readonly (SealedColumn & { readonly table: SealedTable })[] = sealedColumns;
