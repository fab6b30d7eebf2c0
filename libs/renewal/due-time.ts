import { createHash } from 'node:crypto';
import type { IssuedLifetimes } from '#exchange';

/** At most this share of the lead is added to it, so that connections made together do not fall due together. */
const jitterShare = 0.1;

/** A provider that hands out tokens of no life is still asked once a second at most. */
const leastSeconds = 1;

/** A refresh token is used again once this share of its life has passed, even if nobody reads the connection. */
const refreshTokenShare = 2 / 3;

/** Enough for a few attempts, and more than the 60 s of life a reader asks for unless told otherwise. */
const safeLeadSeconds = 90;

/**
 * Seconds before expiry at which an access token of this life is renewed: a fifth of it, and 90 s where that is more,
 * but never over half of it. As late as is safe where the renewal kills the token that callers still hold.
 */
export function leadSeconds(accessTokenSeconds: number, renewalInvalidatesPrevious = false): number {
  const safe = Math.min(safeLeadSeconds, 0.5 * accessTokenSeconds);
  return renewalInvalidatesPrevious ? safe : Math.max(0.2 * accessTokenSeconds, safe);
}

/**
 * Seconds from issue until the tokens fall due: the earlier of the two deadlines. On demand, only the refresh token's
 * counts; null where there is none then.
 */
export function renewAfterSeconds(tokens: IssuedLifetimes): number | null {
  const due = Math.min(
    accessDeadline(tokens),
    (tokens.refreshTokenSeconds ?? Number.POSITIVE_INFINITY) * refreshTokenShare,
  );
  return Number.isFinite(due) ? Math.max(leastSeconds, due) : null;
}

function accessDeadline({ connectionId, provider, accessTokenSeconds, renewal }: IssuedLifetimes): number {
  if (renewal === 'on_demand') return Number.POSITIVE_INFINITY;
  const lead = leadSeconds(accessTokenSeconds, provider.renewalInvalidatesPrevious);
  const jitter = provider.renewalInvalidatesPrevious ? 0 : lead * jitterShare * share(connectionId);
  return accessTokenSeconds - lead - jitter;
}

/** 0 to 1, always the same for one connection. */
function share(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 0xffff_ffff;
}
