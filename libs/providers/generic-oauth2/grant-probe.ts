import { introspectionForm, readIntrospection, readResourceAnswer } from '#oauth-http';
import {
  type Form,
  type ProbedGrant,
  type ProbeOutcome,
  type ProviderClient,
  type RawResponse,
  type TokenTypeHint,
  UpstreamError,
} from '#provider-kit';
import { dialectOf } from './generic-oauth2.dialect.js';
import { lowerCased } from './generic-oauth2.requests.js';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';
import type { ServerEndpoints } from './server-endpoints.js';

/** Each throws UpstreamError when no usable answer came. */
interface Requests {
  /** The client proves itself besides. */
  post(url: string, fields: Form): Promise<RawResponse>;
  get(url: string, authorization: string, headers: Readonly<Record<string, string>>): Promise<RawResponse>;
}

interface Server {
  readonly settings: GenericOauth2Settings;
  readonly endpoints: ServerEndpoints;
}

const noLiveToken = { kind: 'untold', reason: 'no_live_token' } as const;

/** Asks one server whether one grant lives. */
export class GrantProbe {
  private readonly profile;

  constructor(
    private readonly requests: Requests,
    client: ProviderClient,
    private readonly grant: ProbedGrant,
    private readonly server: Server,
  ) {
    const sentSecrets = [grant.accessToken, grant.refreshToken].filter((token) => token !== null);
    const context = { grant: 'refresh_token', client, sentSecrets } as const;
    this.profile = { ...dialectOf(server.settings), context };
  }

  /**
   * By introspection, then userinfo, then the probe URL, until one tells: a way that is closed to this client must not
   * hide one that is open. Where none tells, the first that was tried says why.
   * @throws UpstreamError when that one got no usable answer
   */
  async run(): Promise<ProbeOutcome> {
    const { settings, endpoints } = this.server;
    const ways = [
      async () => this.introspect(await endpoints.findIfNamed('introspection_endpoint')),
      async () => this.get(await this.userinfo()),
      async () => this.get(settings.probe_url),
    ];
    let untold: ProbeOutcome | UpstreamError | undefined;
    for (const way of ways) {
      const outcome = await way().catch(upstreamError);
      if (isTelling(outcome)) return outcome;
      untold ??= outcome;
    }
    if (untold instanceof UpstreamError) throw untold;
    return untold ?? { kind: 'untold', reason: 'not_probeable' };
  }

  /** The grant lives as long as one of its tokens does: an access token may have been revoked by itself. */
  private async introspect(url: string | undefined): Promise<ProbeOutcome | undefined> {
    if (url === undefined) return undefined;
    const { accessToken, refreshToken } = this.grant;
    const ask = async (token: string, hint: TokenTypeHint) => {
      const response = await this.requests.post(url, introspectionForm(token, hint));
      return readIntrospection(response, this.profile);
    };
    const first = accessToken === null ? undefined : await ask(accessToken, 'access_token');
    if (first?.kind === 'alive' || refreshToken === null) return first ?? noLiveToken;
    const second = ask(refreshToken, 'refresh_token');
    if (first === undefined) return second;
    // Not every server introspects refresh tokens: what it has said of the other counts then.
    const told = await second.catch(upstreamError);
    return isTelling(told) ? told : first;
  }

  private async get(url: string | undefined): Promise<ProbeOutcome | undefined> {
    const { accessToken, tokenType } = this.grant;
    if (url === undefined) return undefined;
    if (accessToken === null) return noLiveToken;
    const headers = lowerCased(this.server.settings.token_headers);
    return readResourceAnswer(
      await this.requests.get(url, `${tokenType} ${accessToken}`, headers),
      this.profile,
    );
  }

  /** OpenID Connect Core §5.3: a token without the scope `openid` is refused there while it is good. */
  private async userinfo(): Promise<string | undefined> {
    const { settings, endpoints } = this.server;
    const isOpenid = this.grant.scope?.split(' ').includes('openid') ?? false;
    return isOpenid ? endpoints.findIfNamed('userinfo_endpoint') : settings.userinfo_endpoint;
  }
}

function isTelling(outcome: ProbeOutcome | UpstreamError | undefined): outcome is ProbeOutcome {
  return (
    outcome !== undefined &&
    !(outcome instanceof UpstreamError) &&
    (outcome.kind === 'alive' || outcome.kind === 'dead')
  );
}

function upstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  throw error;
}
