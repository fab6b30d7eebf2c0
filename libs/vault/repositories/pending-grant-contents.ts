import type { TokenGrant } from '#provider-kit';
import type { Binding } from '../encryption/binding.js';
import type { NewAuthorization } from './new-authorization.js';
import type { UnreadAnswer } from './unread-answer.js';

/** The plaintext of a pending grant: the next request of its connection sends it, unless it was answered already. */
export interface PendingGrantContents {
  readonly grant: TokenGrant;
  /** Password grant only: keep the password with the tokens. */
  readonly keepPassword?: boolean;
  readonly authorization?: NewAuthorization;
  /** It was sent, and the answer cannot be read yet: from then on it is not sent again. */
  readonly unread?: UnreadAnswer;
}

export function pendingGrantBinding(tenantId: string, rowId: string): Binding {
  return { tenantId, table: 'pending_grants', column: 'sealed', rowId, generation: 1 };
}
