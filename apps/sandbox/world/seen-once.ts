import { Injectable } from '@nestjs/common';

/** Values that may come once only, such as the `jti` of a JWT (RFC 7519 §4.1.7). */
@Injectable()
export class SeenOnce {
  readonly #seen = new Set<string>();

  /** False: this value of this kind has been here before. */
  admit(kind: string, value: string): boolean {
    const key = `${kind} ${value}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  reset(): void {
    this.#seen.clear();
  }
}
