const oneYearSeconds = 31_536_000;

/** Longer than any number that is meant as one. */
const maxTextLength = 64;

/** No two parts of it can match the same character, so a text that does not match is known in one pass. */
const numericText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A number of seconds as providers write it: number, numeric text, fraction, negative, near 2^63. Whole seconds,
 * 0 … 1 year; undefined for whatever is not a number, which counts as not said.
 */
export function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? readNumber(value) : value;
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, Math.floor(seconds)), oneYearSeconds);
}

function readNumber(text: string): number | undefined {
  if (text.length > maxTextLength) return undefined;
  return numericText.test(text.trim()) ? Number(text) : undefined;
}
