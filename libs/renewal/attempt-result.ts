import type { LastError } from '#vault';
import type { RenewalFailure } from './outcome/renewal-failure.js';

/** How one attempt to renew a claimed connection ended. */
export type AttemptResult =
  | { readonly kind: 'committed'; readonly generation: number }
  /** Another replica has renewed it meanwhile; nothing was written. */
  | { readonly kind: 'superseded' }
  /** The provider waits for its user; it may be asked again then. */
  | { readonly kind: 'pending'; readonly retryInSeconds: number }
  | {
      readonly kind: 'failed';
      readonly failure: RenewalFailure;
      readonly lastError: LastError;
      readonly holdBackSeconds: number;
      /** The provider answered with success; what it gave cannot be read yet, and is kept. */
      readonly isKept?: true;
    }
  /** Nothing was sent, as the turn for it came too late: the connection is due at once, for any replica. */
  | { readonly kind: 'returned' }
  /** Connection or tenant was removed meanwhile. */
  | { readonly kind: 'gone' };
