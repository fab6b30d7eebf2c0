import { Inject, Injectable } from '@nestjs/common';
import { log } from '#observability';
import {
  type Account,
  CLOCK,
  type Clock,
  grantTraits,
  PROVIDER_REGISTRY,
  type ProviderRegistry,
} from '#provider-kit';
import type { Claim, ClaimedConnection } from '#vault';
import type { IssuedTokens } from '../request/token-request.js';

/** Whose tokens they are. */
export interface ConsentedAccount {
  /** As it is to be written down; null where it is not known. */
  readonly account: Account | null;
  /** Another one than had consented before. */
  readonly isAnother: boolean;
}

/** The rest of a lease is needed to write the tokens down. */
const mostMs = 4_000;

/** Finds out who has consented, before tokens are written. That it cannot be found out never costs the tokens. */
@Injectable()
export class AccountCheck {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /** @returns `turned_away` when these are tokens of another account, which must not have the connection */
  async of(
    claim: Pick<Claim, 'tenantId' | 'connectionId'>,
    connection: ClaimedConnection,
    issued: IssuedTokens,
  ): Promise<ConsentedAccount | 'turned_away'> {
    const { account: before } = connection;
    const { authorization } = issued;
    const isSettled = grantTraits[connection.grant].owner === 'client' || (!authorization && before !== null);
    const found = isSettled ? null : await this.find(claim, connection, issued);
    const isAnother = before !== null && found !== null && found.id !== before.id;
    if (isAnother && !authorization?.allowsAccountChange) return 'turned_away';
    return { account: found ?? before, isAnother };
  }

  private async find(
    { tenantId, connectionId }: Pick<Claim, 'tenantId' | 'connectionId'>,
    connection: ClaimedConnection,
    { tokens, issuedAt, authorization }: IssuedTokens,
  ): Promise<Account | null> {
    const [secret] = connection.secrets;
    const provider = this.registry.get(connection.provider);
    if (!secret || !provider.findAccount) return null;
    const call = { deadlineMonotonicMs: this.clock.monotonicMs() + mostMs };
    try {
      return await provider.findAccount({ ...connection, secret }, tokens, issuedAt, call);
    } catch (error) {
      // A renewal need not bring an ID token, and nobody waits for what it says.
      if (authorization)
        log.warn(
          { tenantId, connectionId, reason: error instanceof Error ? error.message : 'unknown' },
          'could not find out who has consented: the tokens are kept, and account stays as it was',
        );
      return null;
    }
  }
}
