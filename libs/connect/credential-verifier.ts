import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock, type ProviderClient, responseContext, type TokenProvider } from '#provider-kit';
import { fromError, fromProvider, type RenewalFailure } from '#renewal';

export type Verification =
  | { readonly ok: true }
  /** Only a user's consent could tell. */
  | { readonly ok: null; readonly reason: 'not_verifiable' }
  | { readonly ok: false; readonly failure: RenewalFailure };

/**
 * Refusals that do not make the client credentials wrong: the scope comes from the connection, and a client for another
 * grant need not have this one (RFC 6749 §5.2).
 */
const saysNothing = ['invalid_scope', 'unsupported_grant_type'];

/** Tries client credentials against their provider. The token it may get is thrown away. */
@Injectable()
export class CredentialVerifier {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async verify(provider: TokenProvider, client: ProviderClient): Promise<Verification> {
    if (!provider.descriptor.grants.includes('client_credentials'))
      return { ok: null, reason: 'not_verifiable' };
    const deadlineMonotonicMs = this.clock.monotonicMs() + this.settings.upstreamTimeoutMs;
    const grant = { type: 'client_credentials' } as const;
    try {
      const response = await provider.sendTokenRequest(client, grant, { deadlineMonotonicMs });
      const outcome = provider.readTokenResponse(response, responseContext(client, grant));
      if (outcome.kind === 'tokens' || outcome.kind === 'pending') return { ok: true };
      return unlessItSaysNothing(fromProvider(outcome.failure));
    } catch (error) {
      // Some adapters need a scope to ask at all.
      return unlessItSaysNothing(fromError(error));
    }
  }
}

function unlessItSaysNothing(failure: RenewalFailure): Verification {
  return saysNothing.includes(failure.code) ? { ok: null, reason: 'not_verifiable' } : { ok: false, failure };
}
