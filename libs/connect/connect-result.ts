import type { RenewalFailure, RenewalResult } from '#renewal';
import type { Connection } from '#vault';

/** How the exchange of a connection's first grant, or of one that replaces it, ended for the one who asked for it. */
export type ConnectResult =
  | { readonly kind: 'active'; readonly connection: Connection }
  /** The provider answered with success; what it gave cannot be read yet, and is kept. */
  | { readonly kind: 'unread'; readonly connection: Connection }
  | { readonly kind: 'refused'; readonly failure: RenewalFailure }
  | {
      readonly kind: 'unavailable';
      readonly retryAfterSeconds: number;
      readonly failure: RenewalFailure | undefined;
    };

/** @param connection null when it did not get its tokens */
export function connectResult(result: RenewalResult, connection: Connection | null): ConnectResult {
  if (connection) return { kind: isKept(result) ? 'unread' : 'active', connection };
  const failure = 'failure' in result ? result.failure : undefined;
  if (failure?.class === 'configuration' || failure?.class === 'terminal')
    return { kind: 'refused', failure };
  return {
    kind: 'unavailable',
    failure,
    retryAfterSeconds: result.kind === 'failed' ? result.retryAfterSeconds : 1,
  };
}

/** Whether the answer is kept without being read: the connection stays, although it has no tokens. */
export function isKept(result: RenewalResult): boolean {
  return result.kind === 'failed' && result.isKept === true;
}
