import { Inject, Injectable } from '@nestjs/common';
import { release } from '#config';
import { JournalSet } from '#journal';
import {
  failureCodes,
  PROVIDER_REGISTRY,
  type ProviderRegistry,
  responseContext,
  rotationOf,
} from '#provider-kit';
import {
  type Claim,
  type ClaimedConnection,
  type LastError,
  type TokenContents,
  type UnreadAnswer,
  UnreadAnswerRepository,
} from '#vault';
import type { AttemptResult } from '../attempt-result.js';
import { after, LeaseTimes } from '../lease-times.js';
import { authorizationOf, type IssuedTokens, type UnreadableAnswer } from '../request/token-request.js';
import { afterFailure } from '../schedule/backoff.js';
import { passwordAfter } from './contents-after.js';
import { hasEnded, statusAfter } from './failure-outcome.js';
import { lastErrorOf } from './last-error.js';
import { logFailure } from './log-failure.js';
import { fromProvider, type RenewalFailure } from './renewal-failure.js';

type Fenced = Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>;

interface Kept {
  readonly lastError: LastError;
  readonly holdBackSeconds: number;
}

/**
 * Keeps an answer with success that could not be read as tokens, whether it came just now or out of a journal. It may
 * hold the only refresh token there is: a well-formed one takes the place of the one before (RFC 6749 §6), and the
 * access token of before is served while it lives.
 */
@Injectable()
export class UnreadAnswers {
  constructor(
    private readonly answers: UnreadAnswerRepository,
    private readonly journals: JournalSet,
    private readonly times: LeaseTimes,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /** The same answer once more, by the settings and the release of now; without any request. */
  readAgain(
    connection: ClaimedConnection,
    { grant, issuedAt, answer, authorization: read }: UnreadAnswer,
  ): IssuedTokens | RenewalFailure {
    const provider = this.registry.get(connection.provider);
    const outcome = provider.readTokenResponse(
      answer,
      responseContext(connection, grant, new Date(issuedAt)),
    );
    if (outcome.kind === 'pending')
      return { code: 'malformed_response', ...failureCodes.malformed_response, isKept: true };
    if (outcome.kind !== 'tokens') return { ...fromProvider(outcome.failure), isKept: true };
    // A later answer may have brought a newer one, which this one must not take the place of.
    const refreshToken = connection.token?.refreshToken;
    const sent = 'refreshToken' in grant && refreshToken ? { ...grant, refreshToken } : grant;
    // Beside tokens its refresh token has taken the place of the one before already, whose account it may be.
    const authorization = connection.pending
      ? authorizationOf(connection)
      : read && { authorization: { ...read, allowsAccountChange: true } };
    return { tokens: outcome.tokens, grant: sent, issuedAt: new Date(issuedAt), ...authorization };
  }

  /**
   * Whether there is anything to keep. In the place of a first grant every answer is; beside tokens that can still be
   * renewed, a page that speaks of no token is a failure like any other.
   */
  isWorthKeeping(connection: ClaimedConnection, { refreshToken, answer }: UnreadableAnswer): boolean {
    return (
      !isLiving(connection) || refreshToken !== undefined || /(?:access|refresh)_?token/i.test(answer.body)
    );
  }

  async keepAttempt(
    claim: Claim,
    connection: ClaimedConnection,
    answered: UnreadableAnswer,
  ): Promise<AttemptResult> {
    const kept = await this.keep(claim, connection, answered, this.times.databaseNow(claim));
    this.journals.settle(claim.intentId);
    return kept
      ? { kind: 'failed', failure: answered.failure, ...kept, isKept: true }
      : { kind: 'superseded' };
  }

  /** @returns undefined when another replica has renewed meanwhile: nothing is written then */
  async keep(
    claim: Fenced,
    connection: ClaimedConnection,
    { failure, refreshToken, ...unread }: UnreadableAnswer,
    at: Date,
  ): Promise<Kept | undefined> {
    const attempts = connection.failedAttempts + 1;
    const { holdBackSeconds } = afterFailure({ ...failure, attempts, isKept: true }, 0);
    const nextRenewalAt = after(at, holdBackSeconds);
    const lastError = lastErrorOf(failure, attempts, at, nextRenewalAt);
    const { token, pending } = connection;
    const isStrict = rotationOf(this.registry.get(connection.provider), connection.settings) === 'strict';
    const newest = refreshTokenAfter(token?.refreshToken ?? null, refreshToken, isStrict);
    if (!isLiving(connection) && !pending) return undefined;
    const written = await this.answers.keep(claim, connection, {
      kept: isLiving(connection)
        ? {
            as: 'next_generation',
            contents: {
              ...connection.token,
              ...passwordAfter(connection, unread.grant),
              refreshToken: newest,
              unread,
            },
          }
        : {
            as: 'pending',
            contents: {
              grant: unread.grant,
              keepPassword: pending?.keepPassword ?? false,
              ...(pending?.authorization ? { authorization: pending.authorization } : {}),
              unread,
            },
          },
      status: statusAfter(failure, claim, connection),
      error: lastError,
      nextRenewalAt,
      retryNotBefore: nextRenewalAt,
      rotating: isLiving(connection) && newest !== null && isStrict,
      unreadBy: release,
    });
    if (!written) return undefined;
    logFailure(claim, connection, failure, lastError);
    return { lastError, holdBackSeconds };
  }
}

/** A connection that has ended cannot be renewed: there an answer waits as the new authorisation that it is. */
function isLiving(
  connection: ClaimedConnection,
): connection is ClaimedConnection & { readonly token: TokenContents } {
  return connection.token !== null && (connection.pending === null || !hasEnded(connection));
}

/**
 * The refresh token to use after an answer that could not be read.
 * @param found the one in it; null: it has one that cannot be sent back. A strict server has then ended the one before,
 *   and using it again might end the grant.
 */
export function refreshTokenAfter(
  before: string | null,
  found: string | null | undefined,
  isStrict: boolean,
): string | null {
  return found ?? (found === null && isStrict ? null : before);
}
