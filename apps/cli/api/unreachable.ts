const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there.',
  ECONNRESET: 'the connection was cut.',
  UND_ERR_SOCKET: 'the connection was cut.',
  ENOTFOUND: 'the name is not known.',
  EAI_AGAIN: 'the name server does not answer.',
  ETIMEDOUT: 'it does not answer.',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer.',
  EHOSTUNREACH: 'there is no way to it.',
  ENETUNREACH: 'there is no way to it.',
};

/** Why no answer came, in words. */
export function reasonOf(error: unknown, timeoutMs: number): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return 'the request failed.';
  if (cause.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} seconds.`;
  const inner = cause instanceof AggregateError ? (cause.errors[0] as Error) : cause;
  const code = 'code' in inner ? String(inner.code) : '';
  return reasons[code] ?? `${inner.message}${code === '' ? '' : ` (${code})`}.`;
}
