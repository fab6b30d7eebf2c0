import { createHash } from 'node:crypto';
import type { IssuedLifetimes } from '#exchange';

/** At most this share of the lead is added to it, so that connections made together do not fall due together. */
const jitterShare = 0.1;

/** A provider that hands out tokens of no life is still asked once a second at most. */
const leastSeconds = 1;

/** A refresh token is used again once this share of its life has passed, even if nobody reads the connection. */
const refreshTokenShare = 2 / 3;

/**
 * Seconds before expiry at which an access token of this life is renewed: a fifth of it, and 90 s where that is more,
 * but never over half of it.
 */
export function leadSeconds(accessTokenSeconds: number): number {
  return Math.max(0.2 * accessTokenSeconds, Math.min(90, 0.5 * accessTokenSeconds));
}

/** Seconds from issue until the tokens fall due: the earlier of the two deadlines. */
export function renewAfterSeconds(tokens: IssuedLifetimes): number {
  const lead = leadSeconds(tokens.accessTokenSeconds);
  const jitter = tokens.provider.renewalInvalidatesPrevious
    ? 0
    : lead * jitterShare * share(tokens.connectionId);
  const byAccessToken = tokens.accessTokenSeconds - lead - jitter;
  if (tokens.refreshTokenSeconds === null) return Math.max(leastSeconds, byAccessToken);
  return Math.max(leastSeconds, Math.min(byAccessToken, tokens.refreshTokenSeconds * refreshTokenShare));
}

/** 0 to 1, always the same for one connection. */
function share(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 0xffff_ffff;
}
