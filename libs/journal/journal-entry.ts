/** All that a journal has to know of an entry; its writer adds what is to be read of it without its contents. */
export interface JournalHead {
  readonly id: string;
  /** A UUID. Of the settled entries with the same key, only the newest can be of use. */
  readonly key: string;
}

/** An entry with its contents, which are sealed: nothing else in it is secret. */
export type JournalEntry<Head extends JournalHead = JournalHead> = Head & { readonly sealed: string };

/** An entry without its contents: what is kept in memory of those that are not settled. */
export function headOf({ sealed: _, ...head }: JournalEntry): JournalHead {
  return head;
}
