import { JournalError } from '#journal';
import {
  type FailureClass,
  type FailureCode,
  failureCodes,
  type ProviderFailure,
  UpstreamError,
} from '#provider-kit';
import { VaultError } from '#vault';

/** Why a renewal did not bring tokens, in one form for errors and refusals. Holds no secret. */
export interface RenewalFailure {
  readonly code: FailureCode;
  readonly class: FailureClass;
  readonly remedy: string;
  /** The answer was a success that nobody can read yet, and is kept. */
  readonly isKept?: true;
  /** HTTP status of the provider's answer; absent where there was none. */
  readonly status?: number;
  readonly providerError?: string;
  readonly providerErrorDescription?: string;
  /** Of an answer with success that could not be read: the member at fault. */
  readonly member?: string;
  readonly retryAfterSeconds?: number;
}

export function fromProvider(failure: ProviderFailure): RenewalFailure {
  return { ...failure, remedy: failureCodes[failure.code].remedy };
}

/** @throws the error itself when it is neither the provider's, nor the journal's, nor a sealed value's */
export function fromError(error: unknown): RenewalFailure {
  if (error instanceof UpstreamError) {
    const { code, class: failureClass, member } = error;
    const failure = { code, class: failureClass, remedy: failureCodes[code].remedy };
    // Which document, and what is wrong with it, nobody else says.
    if (code !== 'discovery_failed') return failure;
    return {
      ...failure,
      providerErrorDescription: error.message,
      ...(member === undefined ? {} : { member }),
    };
  }
  if (error instanceof VaultError && (error.code === 'cannot_open' || error.code === 'unknown_key')) {
    return { code: 'secret_unreadable', ...failureCodes.secret_unreadable };
  }
  if (error instanceof VaultError && error.code === 'kek_unavailable') {
    return { code: 'key_service_unavailable', ...failureCodes.key_service_unavailable };
  }
  if (error instanceof JournalError)
    return { code: 'journal_unavailable', ...failureCodes.journal_unavailable };
  throw error;
}
