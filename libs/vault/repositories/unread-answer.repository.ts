import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { Sealer } from '../encryption/sealer.js';
import type { ConnectionStatus, LastError } from '../entities/connection.entity.js';
import { newRowId } from '../row-id.js';
import { boundContents } from './bound-contents.js';
import type { Claim, ClaimedConnection } from './claim.js';
import { type PendingGrantContents, pendingGrantBinding } from './pending-grant-contents.js';
import { type TokenContents, tokenSetBinding } from './token-contents.js';

/** Where the answer is kept: with the tokens there are, or with the one-time credential that it was given for. */
type UnreadContents =
  | { readonly as: 'next_generation'; readonly contents: TokenContents }
  | { readonly as: 'pending'; readonly contents: PendingGrantContents };

export interface UnreadRenewal {
  readonly kept: UnreadContents;
  readonly status: ConnectionStatus;
  readonly error: LastError;
  readonly nextRenewalAt: Date;
  readonly retryNotBefore: Date;
  /** The next request may end what it sends: after a crash the journal is read first. */
  readonly rotating: boolean;
  /** The release that could not read it. */
  readonly unreadBy: string;
}

/** Answers with success that nobody can read yet. */
@Injectable()
export class UnreadAnswerRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** @returns false when the generation was no longer the claimed one: nothing is written */
  async keep(
    { tenantId, connectionId, generation }: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>,
    {
      credentialId,
      dataKeys: [sealingKey],
      spentHash,
    }: Pick<ClaimedConnection, 'credentialId' | 'dataKeys' | 'spentHash'>,
    { kept, ...unread }: UnreadRenewal,
  ): Promise<boolean> {
    const pendingId = kept.as === 'pending' ? newRowId() : null;
    const binding =
      pendingId === null
        ? tokenSetBinding(tenantId, connectionId, generation + 1)
        : pendingGrantBinding(tenantId, pendingId);
    const contents = boundContents(kept.contents, credentialId);
    const sealed = await this.sealer.seal(contents, sealingKey, binding);
    const [row] = await this.database.call<{ kept: boolean }>('select gk.keep_unread($1, $2) as kept', [
      tenantId,
      JSON.stringify({
        connection_id: connectionId,
        generation,
        pending_id: pendingId,
        sealed,
        data_key_id: sealingKey.id,
        status: unread.status,
        error: unread.error,
        next_renewal_at: unread.nextRenewalAt,
        retry_not_before: unread.retryNotBefore,
        rotating: unread.rotating,
        spent_hash: spentHash,
        unread_by: unread.unreadBy,
      }),
    ]);
    return row?.kept ?? false;
  }
}
