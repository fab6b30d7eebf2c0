import { decodeJwt } from 'jose';
import {
  accountFrom,
  checkedClaims,
  type IssuerKeysClient,
  parseObject,
  type TokenEndpointClient,
} from '#oauth-http';
import type { Account, ProviderCall, ProviderClient, TokenSet } from '#provider-kit';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';
import type { ServerEndpoints } from './server-endpoints.js';

interface Lookup {
  readonly providerId: string;
  readonly client: ProviderClient;
  readonly settings: GenericOauth2Settings;
  readonly endpoints: ServerEndpoints;
  readonly tokens: TokenSet;
  readonly sentAt: Date;
  readonly call: ProviderCall;
}

/** Finds out who has consented, by `account_from`. */
export class AccountLookup {
  constructor(
    private readonly http: TokenEndpointClient,
    private readonly keys: IssuerKeysClient,
  ) {}

  /** @throws Error that says why it cannot be found out, without anything of a token in it */
  async find(lookup: Lookup): Promise<Account | null> {
    const { account_from: from, account_id_path: path = 'sub' } = lookup.settings;
    if (from === undefined) return null;
    if (from === 'token_response') return known(lookup.tokens.account, path, 'token response');
    const claims = from === 'id_token' ? await this.idToken(lookup) : await this.userinfo(lookup);
    const { accessToken, refreshToken = '', idToken = '' } = lookup.tokens;
    const secrets = [accessToken, refreshToken, idToken].filter((secret) => secret !== '');
    return known(accountFrom(claims, path, secrets), path, from === 'id_token' ? 'ID token' : 'userinfo');
  }

  private async idToken(lookup: Lookup): Promise<object> {
    const { providerId, client, settings, endpoints, tokens, sentAt, call } = lookup;
    if (tokens.idToken === undefined)
      throw new Error('The answer has no id_token; its scope may lack openid.');
    const url = await endpoints.findIfNamed('jwks_uri');
    return checkedClaims(tokens.idToken, {
      clientId: client.clientId,
      clientSecret: client.secret.kind === 'client_secret' ? client.secret.value : undefined,
      issuer: settings.issuer,
      keys:
        url === undefined
          ? undefined
          : (isUnknown: boolean) => this.keys.keys(providerId, url, call, isUnknown),
      at: sentAt,
    });
  }

  /** OpenID Connect Core §5.3. */
  private async userinfo({ providerId, endpoints, tokens, call }: Lookup): Promise<object> {
    const url = await endpoints.find('userinfo_endpoint');
    const { status, body } = await this.http.get({ providerId, url }, call, `Bearer ${tokens.accessToken}`);
    if (status !== 200) throw new Error(`The userinfo endpoint answered ${status}.`);
    const claims = parseObject(body);
    if (!claims) throw new Error('The userinfo endpoint answered with something that is not a JSON object.');
    const subject = subjectOf(tokens.idToken);
    // §5.3.2: of another subject than the ID token, it may have been put in the place of the right one.
    if (subject !== undefined && claims['sub'] !== undefined && claims['sub'] !== subject)
      throw new Error('The userinfo endpoint names another subject than the ID token.');
    return claims;
  }
}

function known(account: Account | undefined, path: string, where: string): Account {
  if (account) return account;
  throw new Error(`The ${where} has no id of an account at ${path}.`);
}

function subjectOf(idToken: string | undefined): string | undefined {
  try {
    return idToken === undefined ? undefined : decodeJwt(idToken).sub;
  } catch {
    return undefined;
  }
}
