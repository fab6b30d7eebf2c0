import type { Problem } from './api-types.js';

/** Where Grantkeeper gave no answer, or none that can be understood. */
export type LocalCode = 'configuration' | 'timeout' | 'unreachable' | 'unexpected_answer';

export type GrantkeeperErrorCode = Problem['code'] | LocalCode;

export interface ErrorOptions {
  readonly status?: number | undefined;
  readonly detail?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly problem?: Problem | undefined;
}

/** The one error of this package. Holds no key and no token; an abort signal throws its own reason instead. */
export class GrantkeeperError extends Error {
  override readonly name = 'GrantkeeperError';
  /** Of the answer; absent where there was none. */
  readonly status: number | undefined;
  readonly detail: string | undefined;
  /** The step that somebody can take. */
  readonly remedy: string | undefined;
  /** Until then the same question is not asked again. */
  readonly retryAfterSeconds: number | undefined;
  /** The whole problem document (RFC 9457). */
  readonly problem: Problem | undefined;

  constructor(
    /** The call that failed. */
    readonly what: string,
    readonly code: GrantkeeperErrorCode,
    { status, detail, retryAfterSeconds, problem }: ErrorOptions = {},
  ) {
    const reason = [status, code].filter((part) => part !== undefined).join(' ');
    super(`${what}: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
    this.status = status;
    this.detail = detail;
    this.remedy = problem?.remedy;
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }

  /** Whether Grantkeeper has refused for good: asking again is of no use before somebody changes something. */
  get isRefusal(): boolean {
    const { status = 0 } = this;
    return this.problem !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
  }
}

export function configurationError(detail: string): GrantkeeperError {
  return new GrantkeeperError('Grantkeeper client', 'configuration', { detail });
}
