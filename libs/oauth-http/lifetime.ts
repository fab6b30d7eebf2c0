const oneYearSeconds = 31_536_000;

/** Longer than any number that is meant as one. */
const maxTextLength = 64;

/** Seconds since 1970 stay below it for another three thousand years, and milliseconds have been above it since 1973. */
const firstMilliseconds = 100_000_000_000;

/** No two parts of it can match the same character, so a text that does not match is known in one pass. */
const numericText = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A number of seconds as providers write it: number, numeric text, fraction, negative, near 2^63. Whole seconds,
 * 0 … 1 year; undefined for whatever is not a number, which counts as not said.
 */
export function readSeconds(value: unknown, unit: 's' | 'ms' = 's'): number | undefined {
  const number = readNumber(value);
  if (number === undefined) return undefined;
  return clamp(unit === 'ms' ? number / 1_000 : number);
}

/** The same for a token that is not over when it comes: nothing that is not above 0 can be meant. */
export function readLifetime(value: unknown, unit: 's' | 'ms' = 's'): number | undefined {
  return readSeconds(value, unit) || undefined;
}

/**
 * The seconds from `from` until an instant as providers write it: seconds or milliseconds since 1970, also as text, or
 * an RFC 3339 date. Undefined when it is none of them, or is over.
 */
export function readLifetimeUntil(value: unknown, from: Date): number | undefined {
  const number = readNumber(value);
  const atMs = number === undefined ? readDate(value) : number * (number < firstMilliseconds ? 1_000 : 1);
  if (atMs === undefined) return undefined;
  return clamp((atMs - from.getTime()) / 1_000) || undefined;
}

function readDate(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > maxTextLength || !/^\d{4}-\d\d-\d\d/.test(value)) {
    return undefined;
  }
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : atMs;
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value !== 'string' || value.length > maxTextLength) return undefined;
  return numericText.test(value.trim()) ? Number(value) : undefined;
}

function clamp(seconds: number): number {
  return Math.min(Math.max(0, Math.floor(seconds)), oneYearSeconds);
}
