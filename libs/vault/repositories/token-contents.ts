import type { Binding } from '../encryption/binding.js';
import type { UnreadAnswer } from './unread-answer.js';

/** The plaintext of a token set: one ciphertext, so that a renewal opens one and seals one. */
export interface TokenContents {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly scope: string | null;
  readonly refreshToken: string | null;
  /** Kept only where the admin asked for it, to get a new grant when this one has died. */
  readonly password?: { readonly username: string; readonly password: string };
  /** The newest answer of the provider, while nobody can read it. */
  readonly unread?: UnreadAnswer;
}

export function tokenSetBinding(tenantId: string, connectionId: string, generation: number): Binding {
  return { tenantId, table: 'token_sets', column: 'sealed', rowId: connectionId, generation };
}
