import type { ServedToken } from '#token-reads';

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
