import type { BackchannelOutcome, ProviderClient, TokenProvider } from '#provider-kit';
import type { PendingGrantRepository } from '#vault';
import { fromProvider, type RenewalFailure } from '../outcome/renewal-failure.js';

/** For whom, and for which row. */
export interface CibaUser {
  readonly tenantId: string;
  readonly connectionId: string;
  /** The login hint. */
  readonly subject: string | null;
  readonly requestedScope: string | null;
}

export interface StartedCiba {
  readonly intervalSeconds: number;
  readonly expiresInSeconds: number;
}

/**
 * Sends a backchannel authentication request (OpenID CIBA Core §7), and keeps the `auth_req_id` before anything else.
 * @param ask sends it with a secret of the client
 */
export async function startCiba(
  pendingGrants: PendingGrantRepository,
  { tenantId, connectionId, subject, requestedScope: scope }: CibaUser,
  { descriptor, backchannel }: TokenProvider,
  ask: (
    send: (client: ProviderClient) => Promise<BackchannelOutcome>,
  ) => Promise<BackchannelOutcome | RenewalFailure>,
  deadlineMonotonicMs: number,
): Promise<StartedCiba | RenewalFailure> {
  if (!backchannel) throw new Error(`${descriptor.id} has no backchannel flow.`);
  const request = { loginHint: subject ?? '', scope };
  const started = await ask((client) => backchannel.begin(client, request, { deadlineMonotonicMs }));
  if (!('kind' in started)) return started;
  if (started.kind === 'failed') return fromProvider(started.failure);
  const { authReqId, intervalSeconds, expiresInSeconds } = started;
  await pendingGrants.put(tenantId, connectionId, {
    contents: { grant: { type: 'ciba', authReqId } },
    intervalSeconds,
    expiresInSeconds,
    dueInSeconds: intervalSeconds,
  });
  return { intervalSeconds, expiresInSeconds };
}
