/** Every code with what can be done about it. */
const messages = {
  journal_unavailable:
    'The journal cannot be written. Free space in GRANTKEEPER_DATA_DIR, or make it writable.',
  journal_unreadable: 'The journal cannot be read. Check the permissions below GRANTKEEPER_DATA_DIR.',
} as const;

export type JournalErrorCode = keyof typeof messages;

export class JournalError extends Error {
  override readonly name = 'JournalError';

  /** @param systemCode such as ENOSPC */
  constructor(
    readonly code: JournalErrorCode,
    readonly systemCode?: string,
  ) {
    super(systemCode === undefined ? messages[code] : `${messages[code]} (${systemCode})`);
  }
}

export function journalError(code: JournalErrorCode, error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return new JournalError(code, systemCode);
}
