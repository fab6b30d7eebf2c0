import type { ServedToken } from '#token-reads';

export const contentType = 'application/json; charset=utf-8';

/** The members that describe a token: the successful response of RFC 6749 §5.1, when it ends, and its generation. */
export function tokenMembers(token: ServedToken, nowMonotonicMs: number) {
  const remainingSeconds = (token.expiresAtMs - nowMonotonicMs) / 1_000;
  return {
    access_token: token.accessToken,
    token_type: token.tokenType,
    expires_in: token.expiresAt === null ? null : Math.max(0, Math.floor(remainingSeconds)),
    expires_at: token.expiresAt,
    scope: token.scope,
    generation: token.generation,
    fields: token.fields,
  };
}

interface Document {
  readonly text: string;
  /** Of the text. */
  readonly bytes: number;
  /** The whole seconds that the token had left. */
  readonly second: number;
}

/** The last document of each token in memory: the same object until `expires_in` changes. */
export class TokenDocuments {
  private readonly last = new WeakMap<ServedToken, Document>();

  constructor(private readonly write: (token: ServedToken, nowMonotonicMs: number) => string) {}

  of(token: ServedToken, nowMonotonicMs: number): Document {
    const second = Math.floor((token.expiresAtMs - nowMonotonicMs) / 1_000);
    const last = this.last.get(token);
    if (last?.second === second) return last;
    const text = this.write(token, nowMonotonicMs);
    const made = { text, bytes: Buffer.byteLength(text), second };
    this.last.set(token, made);
    return made;
  }
}

/** The answers to token reads. */
export const tokenDocuments = new TokenDocuments((token, nowMonotonicMs) =>
  JSON.stringify(tokenMembers(token, nowMonotonicMs)),
);
