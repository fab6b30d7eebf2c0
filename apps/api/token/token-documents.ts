import type { ServedToken } from '#token-reads';

interface Document {
  readonly text: string;
  /** Of the text. */
  readonly bytes: number;
  /** The whole seconds that the token had left. */
  readonly second: number;
}

/** A document is as large as its token: to keep one of each token in memory would double what they take. */
const mostKept = 128;

/** The last documents of the tokens that are read most: the same object until `expires_in` changes. */
export class TokenDocuments {
  private last = new WeakMap<ServedToken, Document>();
  private kept = 0;

  constructor(private readonly write: (token: ServedToken, nowMonotonicMs: number) => string) {}

  of(token: ServedToken, nowMonotonicMs: number): Document {
    const second = Math.floor((token.expiresAtMs - nowMonotonicMs) / 1_000);
    const last = this.last.get(token);
    if (last?.second === second) return last;
    if (this.kept === mostKept) {
      this.last = new WeakMap();
      this.kept = 0;
    }
    this.kept += 1;
    const text = this.write(token, nowMonotonicMs);
    const made = { text, bytes: Buffer.byteLength(text), second };
    this.last.set(token, made);
    return made;
  }
}
