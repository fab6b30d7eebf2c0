const oneDaySeconds = 86_400;

/** Longer than any date of RFC 9110 §5.6.7 and any number that is meant as one. */
const maxTextLength = 64;

/**
 * `Retry-After` (RFC 9110 §10.2.3) in seconds, 0 … 1 day; undefined when absent or unreadable. A date is taken
 * relative to the answer's own `Date`, so that a skewed clock on either side does not matter.
 */
export function readRetryAfterSeconds(value: unknown, date: unknown, now: Date): number | undefined {
  if (typeof value !== 'string' || value.length > maxTextLength) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), oneDaySeconds);
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const sentAt = typeof date === 'string' && date.length <= maxTextLength ? Date.parse(date) : Number.NaN;
  const from = Number.isNaN(sentAt) ? now.getTime() : sentAt;
  return Math.min(Math.max(0, Math.ceil((at - from) / 1000)), oneDaySeconds);
}
