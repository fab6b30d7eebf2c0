import type { TokenAnswer } from '#token-reads';
import { connectionPaused } from '../problem/connection-paused.js';
import { Problem } from '../problem/problem.js';
import { notFound } from '../problem/to-problem.js';
import { unhandledAnswer } from './unhandled-answer.js';

/** How a read without a token is answered. */
export function tokenProblem(answer: Exclude<TokenAnswer, { kind: 'token' }>): Problem {
  switch (answer.kind) {
    case 'not_found':
      return notFound();
    case 'reauthorization_required':
      return new Problem('reauthorization_required', { remedy: answer.remedy });
    case 'paused':
      return connectionPaused();
    case 'authorization_pending':
      return new Problem('authorization_pending', {
        remedy: 'Finish the authorisation, then ask again.',
        retryAfterSeconds: answer.retryAfterSeconds,
      });
    case 'unavailable':
      return new Problem('provider_unavailable', {
        detail: 'The token has expired, and the provider gives no new one at the moment.',
        remedy: 'It is retried by itself; last_error of the connection says what is wrong.',
        retryAfterSeconds: answer.retryAfterSeconds,
      });
    default:
      throw unhandledAnswer(answer);
  }
}
