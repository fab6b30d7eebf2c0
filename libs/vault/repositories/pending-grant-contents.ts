import type { TokenGrant } from '#provider-kit';
import type { Binding } from '../encryption/binding.js';

/** The plaintext of a pending grant: the next request of its connection sends it. */
export interface PendingGrantContents {
  readonly grant: TokenGrant;
  /** Password grant only: keep the password with the tokens. */
  readonly keepPassword?: boolean;
}

export function pendingGrantBinding(tenantId: string, rowId: string): Binding {
  return { tenantId, table: 'pending_grants', column: 'sealed', rowId, generation: 1 };
}
