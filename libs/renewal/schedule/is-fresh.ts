/**
 * A token is fresh while what is left of it is at least `minTtlSeconds`, or half its life where that is less.
 * @param remainingMs what is left of it
 */
export function isFresh(remainingMs: number, lifetimeMs: number, minTtlSeconds: number): boolean {
  return remainingMs > 0 && remainingMs >= Math.min(minTtlSeconds * 1_000, lifetimeMs / 2);
}
