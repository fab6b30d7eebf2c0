import { Inject, Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { CLOCK, type Clock, type FailureCode, type ProbedGrant, type ProbeOutcome } from '#provider-kit';
import { fromError, fromProvider, type RenewalFailure } from '#renewal';
import { type Connection, TokenRepository } from '#vault';
import { CredentialOpener } from './credential-opener.js';

/** Whether a grant lives; null where nobody could tell. */
export interface GrantLife {
  readonly alive: boolean | null;
  /** Why it is not true: of this list, or the code of what an admin can mend. */
  readonly reason?:
    | 'token_inactive'
    | 'token_refused'
    | 'not_probeable'
    | 'no_live_token'
    | 'provider_unavailable'
    | FailureCode;
}

/** Asks a provider whether a grant lives. Nothing of the connection changes by it, whatever the answer. */
@Injectable()
export class GrantProbeService {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly credentials: CredentialOpener,
    @Inject(CLOCK) private readonly clock: Clock,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async probe(tenantId: string, connection: Connection): Promise<GrantLife> {
    try {
      return lifeOf(await this.ask(tenantId, connection));
    } catch (error) {
      return untold(fromError(error));
    }
  }

  private async ask(tenantId: string, { slug, credential }: Connection): Promise<ProbeOutcome> {
    const opened = credential && (await this.credentials.open(credential));
    if (!opened?.provider.probe) return { kind: 'untold', reason: 'not_probeable' };
    const grant = await this.read(tenantId, slug);
    if (!grant) return { kind: 'untold', reason: 'no_live_token' };
    const call = { deadlineMonotonicMs: this.clock.monotonicMs() + this.settings.upstreamTimeoutMs };
    const { provider, ask } = opened;
    return ask(
      async (client) =>
        (await provider.probe?.(client, grant, call)) ?? { kind: 'untold', reason: 'not_probeable' },
    );
  }

  private async read(tenantId: string, slug: string): Promise<ProbedGrant | undefined> {
    const reading = await this.tokens.read(tenantId, slug);
    if (!reading?.token) return undefined;
    const { tokenType, scope, refreshToken } = reading.token;
    const accessToken = reading.remainingMs > 0 ? reading.token.accessToken : null;
    if (!accessToken && refreshToken === null) return undefined;
    return { accessToken: accessToken || null, tokenType, scope, refreshToken };
  }
}

function lifeOf(outcome: ProbeOutcome): GrantLife {
  switch (outcome.kind) {
    case 'alive':
      return { alive: true };
    case 'dead':
      return { alive: false, reason: outcome.reason };
    case 'untold':
      return { alive: null, reason: outcome.reason };
    case 'failed':
      return untold(fromProvider(outcome.failure));
  }
}

/** A failure that passes by itself is an outage; any other is named, for somebody has to mend it. */
function untold({ code, class: failureClass }: RenewalFailure): GrantLife {
  const isNamed =
    failureClass === 'configuration' || failureClass === 'terminal' || code === 'malformed_response';
  return { alive: null, reason: isNamed ? code : 'provider_unavailable' };
}
