import { Inject, Injectable } from '@nestjs/common';
import { JournalSet } from '#journal';
import { log } from '#observability';
import { grantTraits, PROVIDER_REGISTRY, type ProviderRegistry, rotationOf } from '#provider-kit';
import { type Claim, type ClaimedConnection, CredentialRepository, RenewalRepository } from '#vault';
import { after } from '../lease-times.js';
import { CibaReissue } from '../request/ciba-reissue.js';
import { isRenewable } from '../request/grants-in-order.js';
import type { IssuedTokens } from '../request/token-request.js';
import { dueAfter } from '../schedule/due-time.js';
import type { ConsentedAccount } from './account-check.js';
import { contentsAfter, fieldsAfter } from './contents-after.js';

/** Writes tokens down as the next generation, whether they came just now or out of a journal. */
@Injectable()
export class TokenWriter {
  constructor(
    private readonly renewals: RenewalRepository,
    private readonly credentials: CredentialRepository,
    private readonly journals: JournalSet,
    private readonly reissue: CibaReissue,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  /**
   * Writes the tokens that an attempt has just been given.
   * @returns false when another replica has renewed meanwhile: nothing is written then
   */
  async commitAttempt(
    claim: Claim,
    connection: ClaimedConnection,
    issued: IssuedTokens,
    consented: ConsentedAccount,
    announce: boolean,
  ): Promise<boolean> {
    const committed = await this.commit(claim, connection, issued, consented, announce);
    this.journals.settle(claim.intentId);
    if (issued.provedSecretId !== undefined) {
      // The tokens are committed either way: a proof that is not written now is written with the next renewal.
      await this.credentials
        .prove(claim.tenantId, connection.credentialId, issued.provedSecretId)
        .catch((error: unknown) => log.warn({ err: error }, 'could not mark client secret as verified'));
    }
    return committed;
  }

  /** @returns false when another replica has renewed meanwhile: nothing is written then */
  commit(
    claim: Pick<Claim, 'tenantId' | 'connectionId' | 'generation'>,
    connection: ClaimedConnection,
    issued: IssuedTokens,
    { account, isAnother }: ConsentedAccount,
    announce: boolean,
  ): Promise<boolean> {
    const { tokens, issuedAt, authorization } = issued;
    const adapter = this.registry.get(connection.provider);
    const provider = adapter.descriptor;
    const contents = contentsAfter(issued, connection, isAnother);
    const hasRefreshToken = contents.refreshToken !== null;
    const refreshTokenSeconds = hasRefreshToken
      ? (tokens.refreshTokenExpiresInSeconds ?? provider.lifetimes.refreshTokenSeconds)
      : null;
    const renewable = isRenewable(connection.grant, contents);
    const due = renewable
      ? dueAfter({
          connectionId: claim.connectionId,
          provider,
          renewal: connection.renewal,
          mostLeadSeconds: adapter.renewalLeadSeconds?.(connection.settings) ?? null,
          accessTokenSeconds: tokens.expiresInSeconds,
          refreshTokenSeconds,
          hasRefreshToken,
        })
      : { nextSeconds: this.endsAfterSeconds(connection, tokens.expiresInSeconds), onceReadSeconds: null };
    const at = (seconds: number | null) => (seconds === null ? null : after(issuedAt, seconds));
    const expiresAt = at(tokens.expiresInSeconds);
    const refreshTokenExpiresAt = at(refreshTokenSeconds);
    const endsForCertain = renewable
      ? isFixed(connection.refreshTokenExpiresAt, refreshTokenExpiresAt)
      : !this.reissue.applies(connection);
    const newScope = authorization?.newScope;
    if (authorization && !tokens.refreshToken)
      sayNoRefreshToken(claim, connection, hasRefreshToken, isAnother);
    return this.renewals.commit(claim, connection, {
      contents,
      issuedAt,
      expiresAt,
      refreshTokenExpiresAt,
      nextRenewalAt: at(due.nextSeconds),
      renewAheadAt: at(due.onceReadSeconds),
      grantEndsAt: endsForCertain ? (renewable ? refreshTokenExpiresAt : expiresAt) : null,
      rotating: hasRefreshToken && rotationOf(adapter, connection.settings) === 'strict',
      singleUse: adapter.isSingleUse?.(newScope?.requestedScope ?? connection.requestedScope) ?? false,
      announce: announce || provider.renewalInvalidatesPrevious,
      fields: fieldsAfter(tokens, connection.fields, authorization),
      account,
      ...(newScope === undefined ? {} : { newScope }),
    });
  }

  /** When the worker looks at tokens that cannot be renewed: as they end, to say so; never, where a read gets new ones. */
  private endsAfterSeconds(connection: ClaimedConnection, expiresInSeconds: number | null): number | null {
    return this.reissue.applies(connection) ? null : expiresInSeconds;
  }
}

/** Whether a renewal has left the end of the refresh token where it was; seconds are rounded on the way. */
function isFixed(before: Date | null, now: Date | null): boolean {
  return before !== null && now !== null && now.getTime() <= before.getTime() + 2_000;
}

/** A server that is not asked for a refresh token may send one at the first consent only, or never. */
function sayNoRefreshToken(
  { tenantId, connectionId }: Pick<Claim, 'tenantId' | 'connectionId'>,
  { token, grant }: Pick<ClaimedConnection, 'token' | 'grant'>,
  isKept: boolean,
  isAnother: boolean,
): void {
  if (grantTraits[grant].consent === 'none') return;
  if (isKept)
    log.warn(
      { tenantId, connectionId },
      'the provider sent no refresh token with a new consent: the one before is kept. To get one each time, ask for it: see settings.authorization_parameters, such as prompt=consent',
    );
  else if (token?.refreshToken || isAnother)
    log.warn(
      { tenantId, connectionId },
      'the provider sent no refresh token with a new consent, and the one before is of no use: the connection ends with its access token. Ask for one by settings.authorization_parameters, such as access_type=offline and prompt=consent, or a scope such as offline_access, then authorise it again',
    );
}
