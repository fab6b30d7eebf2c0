import { Inject, Injectable } from '@nestjs/common';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { type Claim, type ClaimedConnection, PendingGrantRepository } from '#vault';
import { fromProvider, type RenewalFailure } from '../outcome/renewal-failure.js';
import { withEachSecret } from './secret-overlap.js';

/** Gets an expired CIBA token again by a new backchannel request, where the provider answers those silently. */
@Injectable()
export class CibaReissue {
  constructor(
    private readonly pendingGrants: PendingGrantRepository,
    @Inject(PROVIDER_REGISTRY) private readonly registry: ProviderRegistry,
  ) {}

  applies({ provider, grant, subject }: Pick<ClaimedConnection, 'provider' | 'grant' | 'subject'>): boolean {
    return grant === 'ciba' && subject !== null && this.registry.get(provider).descriptor.cibaReissue;
  }

  /**
   * Asks, and keeps the `auth_req_id` before anything else.
   * @throws UpstreamError
   */
  async begin(
    { tenantId, connectionId }: Claim,
    connection: ClaimedConnection,
    deadlineMonotonicMs: number,
  ): Promise<{ readonly intervalSeconds: number } | RenewalFailure> {
    const { backchannel } = this.registry.get(connection.provider);
    if (!backchannel) throw new Error(`${connection.provider} has no backchannel flow.`);
    const request = { loginHint: connection.subject ?? '', scope: connection.requestedScope };
    const started = await withEachSecret(connection.secrets, (secret) =>
      backchannel.begin({ ...connection, secret }, request, { deadlineMonotonicMs }),
    );
    if (started.kind === 'failed') return fromProvider(started.failure);
    const { intervalSeconds, expiresInSeconds } = started;
    await this.pendingGrants.put(tenantId, connectionId, {
      contents: { grant: { type: 'ciba', authReqId: started.authReqId } },
      intervalSeconds,
      expiresInSeconds,
      dueInSeconds: intervalSeconds,
    });
    return { intervalSeconds };
  }
}
