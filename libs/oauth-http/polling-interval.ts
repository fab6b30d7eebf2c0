import { readSeconds } from './lifetime.js';

/** OpenID CIBA Core §7.3 and RFC 8628 §3.2: where the server does not say. */
const defaultSeconds = 5;

/** Lower bound for `interval: 0`. */
const shortestSeconds = 1;

/** Seconds between two polls, from the `interval` of the answer that began them. */
export function pollingIntervalSeconds(interval: unknown): number {
  return Math.max(readSeconds(interval) ?? defaultSeconds, shortestSeconds);
}
