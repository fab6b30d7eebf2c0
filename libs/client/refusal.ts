import type { Problem } from './api-types.js';
import { GrantkeeperError } from './grantkeeper-error.js';

/** The error of an answer that is no success. */
export function refusal(what: string, response: Response, text: string): GrantkeeperError {
  const { status } = response;
  const retryAfterSeconds = secondsOf(response.headers.get('retry-after'));
  const problem = problemOf(response, text);
  if (problem) {
    const { code, detail } = problem;
    return new GrantkeeperError(what, code, { status, detail, retryAfterSeconds, problem });
  }
  return new GrantkeeperError(what, 'unexpected_answer', {
    status,
    retryAfterSeconds,
    detail: 'the answer is not from Grantkeeper',
  });
}

function problemOf(response: Response, text: string): Problem | undefined {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    return typeof problem?.code === 'string' ? (problem as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - Date.now()) / 1_000));
}
