/** As the API answers a token read. */
export interface TokenDocument extends Readonly<Record<string, unknown>> {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number | null;
  readonly expires_at: string | null;
  readonly scope: string | null;
}

export interface ServedToken {
  readonly document: TokenDocument;
  /** By the clock of this machine; null for a token that does not expire. */
  readonly expiresAtMs: number | null;
  readonly readAtMs: number;
}

/** The end by our own clock, which may differ from that of the API. */
export function servedToken(document: TokenDocument, nowMs = Date.now()): ServedToken {
  const { expires_in } = document;
  return { document, expiresAtMs: expires_in === null ? null : nowMs + expires_in * 1_000, readAtMs: nowMs };
}

/** Seconds for which a token that does not expire is kept: it may be taken back all the same. */
const keptWithoutEndSeconds = 300;

/** Whether it has so many seconds left. */
export function isFresh(
  { expiresAtMs, readAtMs }: ServedToken,
  seconds: number,
  nowMs = Date.now(),
): boolean {
  // A clock that was set back says nothing about what is left.
  if (nowMs < readAtMs) return false;
  if (expiresAtMs === null) return nowMs - readAtMs < keptWithoutEndSeconds * 1_000;
  return expiresAtMs > nowMs && expiresAtMs - nowMs >= seconds * 1_000;
}

/** Number Verification: the token is good for one call, and leaves the API once. */
export function isSingleUse({ scope }: TokenDocument): boolean {
  return scope?.includes('number-verification') === true;
}

/** With `expires_in` as it is now. */
export function documentNow({ document, expiresAtMs }: ServedToken, nowMs = Date.now()): TokenDocument {
  if (expiresAtMs === null) return document;
  return { ...document, expires_in: Math.max(0, Math.floor((expiresAtMs - nowMs) / 1_000)) };
}
