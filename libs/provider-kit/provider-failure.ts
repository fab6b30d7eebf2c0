import type { FailureClass, FailureCode } from './failure-codes.js';

/** A refusal or breakdown that came with an answer from the provider, already redacted. */
export interface ProviderFailure {
  readonly code: FailureCode;
  readonly class: FailureClass;
  /** HTTP status of the answer. */
  readonly status: number;
  /** The provider's own `error` and description, without client ids, secrets or tokens. */
  readonly providerError?: string;
  readonly providerErrorDescription?: string;
  /** The member of an answer with success that is missing or wrong, as a dot path. */
  readonly member?: string;
  /** From `Retry-After`, seconds. */
  readonly retryAfterSeconds?: number;
}
