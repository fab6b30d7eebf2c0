import { createHash } from 'node:crypto';
import type { ProviderDescriptor } from '#provider-kit';
import type { RenewalMode } from '#vault';

/** Seconds from issue. */
export interface DueTimes {
  /** When the tokens fall due; null: not by themselves. */
  readonly nextSeconds: number | null;
  /** When they fall due once somebody has read them; null where reading changes nothing. */
  readonly onceReadSeconds: number | null;
}

export interface IssuedLifetimes {
  readonly connectionId: string;
  readonly provider: Pick<ProviderDescriptor, 'renewalInvalidatesPrevious'>;
  readonly renewal: RenewalMode;
  /** Seconds before the end of the access token before which it must not be renewed; null where it may be at any time. */
  readonly mostLeadSeconds?: number | null;
  /** Null for one that does not expire. */
  readonly accessTokenSeconds: number | null;
  /** Null where it is unknown. */
  readonly refreshTokenSeconds: number | null;
  /** Whether there is one. */
  readonly hasRefreshToken: boolean;
}

/** At most this share of the lead is added to it, so that connections made together do not fall due together. */
const jitterShare = 0.1;

/** The same for keeping a grant alive, as a share of the whole time. */
const keepAliveJitterShare = 0.05;

/** A provider that hands out tokens of no life is still asked once a second at most. */
const leastSeconds = 1;

/** A refresh token is used again once this share of its life has passed, even if nobody reads the connection. */
const refreshTokenShare = 2 / 3;

/**
 * Taken for the life of a refresh token that nobody tells: a week, the shortest idle limit that is usual. It only
 * decides how often an unread connection is kept alive; no token is thought dead for it.
 */
const assumedRefreshTokenSeconds = 7 * 86_400;

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
 * When tokens fall due: as their access token ends, and early enough in the life of their refresh token. Which of the
 * two counts is the connection's mode: `eager` both, `on_demand` the second alone, `auto` both once somebody has read
 * the token.
 */
export function dueAfter(tokens: IssuedLifetimes): DueTimes {
  const keepAlive = Math.max(keepAliveSeconds(tokens), earliestSeconds(tokens));
  const ahead = dueIn(Math.min(aheadSeconds(tokens), keepAlive));
  const unread = dueIn(keepAlive);
  switch (tokens.renewal) {
    case 'eager':
      return { nextSeconds: ahead, onceReadSeconds: null };
    case 'on_demand':
      return { nextSeconds: unread, onceReadSeconds: null };
    case 'auto':
      return { nextSeconds: unread, onceReadSeconds: ahead };
  }
}

/** Not before the server allows it, not even to keep a grant alive. */
function earliestSeconds({ accessTokenSeconds, mostLeadSeconds = null }: IssuedLifetimes): number {
  return accessTokenSeconds === null || mostLeadSeconds === null ? 0 : accessTokenSeconds - mostLeadSeconds;
}

function dueIn(seconds: number): number | null {
  return Number.isFinite(seconds) ? Math.max(leastSeconds, seconds) : null;
}

function aheadSeconds({
  connectionId,
  provider,
  accessTokenSeconds,
  mostLeadSeconds,
}: IssuedLifetimes): number {
  if (accessTokenSeconds === null) return Number.POSITIVE_INFINITY;
  const lead = leadSeconds(accessTokenSeconds, provider.renewalInvalidatesPrevious);
  const jitter = provider.renewalInvalidatesPrevious ? 0 : lead * jitterShare * share(connectionId);
  return accessTokenSeconds - Math.min(lead + jitter, mostLeadSeconds ?? Number.POSITIVE_INFINITY);
}

/** Two thirds of the refresh token's life, up to a twentieth earlier, so that imports of one day spread. */
function keepAliveSeconds({ connectionId, hasRefreshToken, refreshTokenSeconds }: IssuedLifetimes): number {
  if (!hasRefreshToken) return Number.POSITIVE_INFINITY;
  const life = refreshTokenSeconds ?? assumedRefreshTokenSeconds;
  return life * refreshTokenShare * (1 - keepAliveJitterShare * share(connectionId));
}

/** 0 to 1, always the same for one connection. */
function share(connectionId: string): number {
  return createHash('sha256').update(connectionId).digest().readUInt32BE() / 0xffff_ffff;
}
