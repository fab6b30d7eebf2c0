import { type ProblemCode, problems } from './problems.js';

export interface FieldError {
  /** Path of the field, such as `settings.region`; empty for the body as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** The error in this one request. Never holds what a caller sent as a value. */
  readonly detail?: string;
  /** The remedy that somebody can apply. */
  readonly remedy?: string | undefined;
  readonly errors?: readonly FieldError[];
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Extension members (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not a success. Thrown anywhere in the API, it becomes a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly options: ProblemOptions = {},
  ) {
    super(options.detail ?? problems[code].title);
    this.status = problems[code].status;
  }
}

/** A request refused for one field. */
export function invalidField(field: string, message: string, remedy?: string): Problem {
  return new Problem('invalid_request', {
    detail: `${field}: ${message}`,
    errors: [{ field, message }],
    remedy,
  });
}
