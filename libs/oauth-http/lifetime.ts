const oneYearSeconds = 31_536_000;

/**
 * A number of seconds as providers write it: number, numeric text, fraction, negative, near 2^63. Whole seconds,
 * 0 … 1 year; undefined for whatever is not a number, which counts as not said.
 */
export function readSeconds(value: unknown): number | undefined {
  const seconds =
    typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)
      ? Number(value)
      : value;
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, Math.floor(seconds)), oneYearSeconds);
}
