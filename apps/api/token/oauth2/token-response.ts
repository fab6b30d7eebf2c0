import type { ServedToken, TokenAnswer } from '#token-reads';
import { TokenDocuments } from '../token-documents.js';
import { unhandledAnswer } from '../unhandled-answer.js';
import { OAuthError, unknownTarget } from './oauth-error.js';

/** RFC 6749 §5.1: what does not end has no `expires_in`, what is not known has no `scope`; never a refresh token. */
export function tokenResponse(token: ServedToken, nowMonotonicMs: number, more: object = {}): string {
  const remainingSeconds = (token.expiresAtMs - nowMonotonicMs) / 1_000;
  return JSON.stringify({
    access_token: token.accessToken,
    ...more,
    token_type: token.tokenType,
    ...(token.expiresAt === null ? {} : { expires_in: Math.max(0, Math.floor(remainingSeconds)) }),
    ...(token.scope === null ? {} : { scope: token.scope }),
  });
}

/** The answers to clients that ask as themselves. */
export const tokenResponses = new TokenDocuments((token, nowMonotonicMs) =>
  tokenResponse(token, nowMonotonicMs),
);

/** How a request without a token is answered. */
export function tokenRefusal(answer: Exclude<TokenAnswer, { kind: 'token' }>): OAuthError {
  switch (answer.kind) {
    case 'not_found':
      return unknownTarget();
    case 'reauthorization_required':
      return new OAuthError(
        'invalid_grant',
        `The connection must be authorised again (reauthorization_required). ${answer.remedy}`,
      );
    case 'paused':
      return new OAuthError(
        'invalid_grant',
        'The connection is paused (connection_paused). An administrator lifts the pause.',
      );
    case 'authorization_pending': {
      const { retryAfterSeconds } = answer;
      return new OAuthError(
        'invalid_grant',
        'The connection is not authorised yet (authorization_pending).',
        retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } },
      );
    }
    case 'unavailable':
      return new OAuthError(
        'temporarily_unavailable',
        'The token has expired, and the provider gives no new one at the moment.',
        { headers: { 'retry-after': String(Math.max(1, Math.ceil(answer.retryAfterSeconds))) } },
      );
    default:
      throw unhandledAnswer(answer);
  }
}
