import { Inject, Injectable } from '@nestjs/common';
import { grantTraits, PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { type Claim, type ClaimedConnection, PendingGrantRepository } from '#vault';
import { LeaseTimes } from '../lease-times.js';
import type { RenewalFailure } from '../outcome/renewal-failure.js';
import { type StartedBackchannel, startBackchannel } from './start-backchannel.js';
import { withEachSecret } from './with-each-secret.js';

/** Gets an expired CIBA token again by a new backchannel request, where the provider answers those silently. */
@Injectable()
export class CibaReissue {
  constructor(
    private readonly pendingGrants: PendingGrantRepository,
    private readonly times: LeaseTimes,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  applies({ provider, grant, subject }: Pick<ClaimedConnection, 'provider' | 'grant' | 'subject'>): boolean {
    const isBackchannel = grantTraits[grant].consent === 'backchannel';
    return isBackchannel && subject !== null && this.registry.get(provider).descriptor.cibaReissue;
  }

  /**
   * Asks, and keeps the `auth_req_id` before anything else.
   * @throws UpstreamError
   */
  begin(claim: Claim, connection: ClaimedConnection): Promise<StartedBackchannel | RenewalFailure> {
    const { tenantId, connectionId } = claim;
    return startBackchannel(
      this.pendingGrants,
      { ...connection, tenantId, connectionId },
      this.registry.get(connection.provider),
      (send) => withEachSecret(connection.secrets, (secret) => send({ ...connection, secret })),
      this.times.deadlineMs(claim),
    );
  }
}
