/** One list of what access refuses. */
const messages = {
  unauthenticated: 'The call names no API key or workload JWT that is valid now.',
  forbidden: 'The role of this key does not allow it.',
  reauthentication_required: 'This is done only within ten minutes of signing in.',
  issuer_unavailable: 'The keys of the issuer of this JWT cannot be read, so it cannot be verified.',
  rate_limited: 'There were too many requests.',
  not_found: 'There is no such thing, or it belongs to another tenant.',
} as const;

export type AccessErrorCode = keyof typeof messages;

export class AccessError extends Error {
  override readonly name = 'AccessError';

  /** @param retryAfterSeconds of `rate_limited` */
  constructor(
    readonly code: AccessErrorCode,
    readonly retryAfterSeconds?: number,
  ) {
    super(messages[code]);
  }
}
