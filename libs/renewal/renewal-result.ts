import type { ClaimRefused, LastError } from '#vault';
import type { AttemptResult } from './attempt-result.js';
import type { RenewalFailure } from './outcome/renewal-failure.js';

export type RenewalResult =
  | { readonly kind: 'renewed' }
  /** The provider waits for its user. */
  | { readonly kind: 'pending'; readonly retryAfterSeconds: number }
  | {
      readonly kind: 'failed';
      readonly lastError: LastError | null;
      readonly retryAfterSeconds: number;
      /** All renewals are held until an administrator releases them. */
      readonly held?: true;
      /** Present when this very call asked the provider. */
      readonly failure?: RenewalFailure;
      /** The provider answered with success; what it gave cannot be read yet, and is kept. */
      readonly isKept?: true;
    }
  /** The connection must be authorised again. */
  | { readonly kind: 'ended'; readonly failure?: RenewalFailure }
  /** Nothing was sent: an admin has paused the connection. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'gone' };

/** A person has to decide first. */
const heldRetrySeconds = 30;

export function fromAttempt(result: AttemptResult): RenewalResult {
  switch (result.kind) {
    case 'committed':
    case 'superseded':
      return { kind: 'renewed' };
    case 'gone':
      return { kind: 'gone' };
    case 'returned':
      return { kind: 'failed', lastError: null, retryAfterSeconds: 1 };
    case 'pending':
      return { kind: 'pending', retryAfterSeconds: result.retryInSeconds };
    case 'failed': {
      const { failure, lastError, holdBackSeconds, isKept } = result;
      if (failure.class === 'terminal') return { kind: 'ended', failure };
      const retryAfterSeconds = Math.ceil(holdBackSeconds);
      return { kind: 'failed', failure, lastError, retryAfterSeconds, ...(isKept ? { isKept } : {}) };
    }
  }
}

export function fromRefusal({ refusal, lastError, retryInMs }: ClaimRefused): RenewalResult {
  switch (refusal) {
    case 'renewed':
      return { kind: 'renewed' };
    case 'ended':
    case 'paused':
      return { kind: refusal };
    case 'gone':
      return { kind: 'gone' };
    case 'held':
      return { kind: 'failed', lastError, retryAfterSeconds: heldRetrySeconds, held: true };
    default:
      return { kind: 'failed', lastError, retryAfterSeconds: Math.max(1, Math.ceil(retryInMs / 1_000)) };
  }
}
