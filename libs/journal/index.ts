export { JournalError } from './journal.errors.js';
export type { Journal, JournalReservation } from './journal.js';
export type { JournalHead } from './journal-entry.js';
export { JournalSet } from './journal-set.js';
