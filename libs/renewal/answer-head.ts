import type { JournalHead } from '#journal';

/** The journal's note of a provider's answer that may hold the only copy of a grant. */
export interface AnswerHead extends JournalHead {
  /** Of the intent that it answers. */
  readonly id: string;
  /** Of the connection. */
  readonly key: string;
  readonly deploymentId: string;
  readonly tenantId: string;
  /** The generation that was renewed. */
  readonly generation: number;
  /** SHA-256, hex, of the ciphertext of what was sent. */
  readonly spentHash: string;
  readonly grantType: string;
  /** Whether a one-time credential was sent, rather than the stored refresh token. */
  readonly fromPending: boolean;
  /** RFC 3339, database's clock: when the request was sent. */
  readonly issuedAt: string;
}
