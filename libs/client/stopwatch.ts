/**
 * Time since its making. The monotonic clock may stand still while the machine sleeps, the other may be set back: the
 * longer of the two counts.
 */
export class Stopwatch {
  readonly #monotonicMs = performance.now();
  readonly #wallMs = Date.now();

  elapsedMs(): number {
    return Math.max(performance.now() - this.#monotonicMs, Date.now() - this.#wallMs);
  }
}
