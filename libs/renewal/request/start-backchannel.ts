import type {
  BackchannelOutcome,
  DevicePrompt,
  GrantType,
  ProviderClient,
  TokenProvider,
} from '#provider-kit';
import type { NewAuthorization, PendingGrantRepository } from '#vault';
import { fromProvider, type RenewalFailure } from '../outcome/renewal-failure.js';

/** For which row, and for whom. */
export interface BackchannelConnection {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly grant: GrantType;
  /** CIBA: the login hint. */
  readonly subject: string | null;
  readonly requestedScope: string | null;
  /** The authorisation that somebody has asked for this time. */
  readonly authorization?: NewAuthorization;
}

export interface StartedBackchannel {
  readonly intervalSeconds: number;
  readonly expiresInSeconds: number;
  /** The address and the code to tell the user, where the provider does not tell them itself. */
  readonly prompt?: DevicePrompt;
}

/**
 * Sends the request that lets a user consent on another device, such as a backchannel authentication request (OpenID
 * CIBA Core §7), and keeps what the polls send before anything else.
 * @param ask sends it with a secret of the client
 */
export async function startBackchannel(
  pendingGrants: PendingGrantRepository,
  { tenantId, connectionId, grant, subject, requestedScope, authorization }: BackchannelConnection,
  { descriptor, backchannel }: TokenProvider,
  ask: (
    send: (client: ProviderClient) => Promise<BackchannelOutcome>,
  ) => Promise<BackchannelOutcome | RenewalFailure>,
  deadlineMonotonicMs: number,
): Promise<StartedBackchannel | RenewalFailure> {
  if (!backchannel) throw new Error(`${descriptor.id} has no backchannel flow.`);
  const scope = authorization?.newScope?.requestedScope ?? requestedScope;
  const request = { grant, loginHint: subject ?? '', scope };
  const started = await ask((client) => backchannel.begin(client, request, { deadlineMonotonicMs }));
  if (!('kind' in started)) return started;
  if (started.kind === 'failed') return fromProvider(started.failure);
  const { intervalSeconds, expiresInSeconds, prompt } = started;
  await pendingGrants.put(tenantId, connectionId, {
    contents: { grant: started.grant, ...(authorization ? { authorization } : {}) },
    intervalSeconds,
    expiresInSeconds,
    dueInSeconds: intervalSeconds,
  });
  return { intervalSeconds, expiresInSeconds, ...(prompt ? { prompt } : {}) };
}
