import { decodeProtectedHeader } from 'jose';
import * as openid from 'openid-client';
import type { ConsoleSsoSettings } from '#config';
import type { Clock } from '#provider-kit';
import { InFlight } from '#vault';
import type { Claims } from '../workload/claim-match.js';
import { workloadAlgorithms } from '../workload/jwt-verifier.js';
import type { IssuerTransport } from './issuer-transport.js';
import type { SignInFlow } from './sign-in-flow.js';
import { refusalOf, SignInRefusal } from './sign-in-refusal.js';

/** The metadata of the issuer is read again after an hour. */
const freshForMs = 3_600_000;
/** Somebody whose sign-in there is older than a session of the console can be signs in there anew. */
const oldestSignInSeconds = 8 * 3_600;

/** The console as a client of the OpenID provider: authorization code with PKCE, `state`, `nonce`, `iss`. */
export class IssuerClient {
  private known: { readonly client: openid.Configuration; readonly readAtMs: number } | undefined;
  private readonly reading = new InFlight<openid.Configuration>();

  constructor(
    private readonly settings: ConsoleSsoSettings,
    private readonly transport: IssuerTransport,
    private readonly clock: Clock,
  ) {}

  /** @throws SignInRefusal */
  async authorizationUrl(flow: SignInFlow, redirectUri: string): Promise<string> {
    const client = await this.client();
    const { state, nonce, verifier, again } = flow;
    const parameters = {
      redirect_uri: redirectUri,
      scope: this.settings.scopes,
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(again ? { prompt: 'login', max_age: '0' } : { max_age: String(oldestSignInSeconds) }),
    };
    const url = webPage(() => openid.buildAuthorizationUrl(client, parameters));
    if (url === undefined) throw new SignInRefusal('not_believed', 'authorization_endpoint');
    return url;
  }

  /**
   * @param callback the redirect URI with the answer
   * @returns what the issuer says of the person, in the ID token before anything else
   * @throws SignInRefusal
   */
  async exchange(flow: SignInFlow, callback: URL): Promise<Claims & { readonly sub: string }> {
    const client = await this.client();
    try {
      const tokens = await openid.authorizationCodeGrant(client, callback, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
        ...(flow.again ? { maxAge: 0 } : {}),
      });
      const claims = tokens.claims();
      if (!claims || !isSignedAsUsual(tokens.id_token)) throw new SignInRefusal('not_believed', 'algorithm');
      // The library looks at it only where there are several audiences.
      const { azp = this.settings.clientId } = claims;
      if (azp !== this.settings.clientId) throw new SignInRefusal('not_believed', 'azp');
      const more =
        client.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await openid.fetchUserInfo(client, tokens.access_token, claims.sub);
      return { ...more, ...claims };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Where the person signs out of the issuer too; undefined where it has no such place, or cannot be asked. */
  async endSessionUrl(returnTo: string): Promise<string | undefined> {
    const client = await this.client().catch(() => undefined);
    if (client?.serverMetadata().end_session_endpoint === undefined) return undefined;
    // Without `id_token_hint`: no token stands in a URL.
    return webPage(() => openid.buildEndSessionUrl(client, { post_logout_redirect_uri: returnTo }));
  }

  private async client(): Promise<openid.Configuration> {
    const nowMs = this.clock.monotonicMs();
    if (this.known && nowMs - this.known.readAtMs < freshForMs) return this.known.client;
    const client = await this.reading.join('metadata', () => this.discover());
    this.known = { client, readAtMs: nowMs };
    return client;
  }

  private async discover(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const usual: openid.ClientAuth = (server, client, body, headers) => {
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const isBasic = methods.includes('client_secret_basic');
      const authenticate = isBasic ? openid.ClientSecretBasic : openid.ClientSecretPost;
      authenticate(clientSecret)(server, client, body, headers);
    };
    try {
      const client = await openid.discovery(
        new URL(issuer),
        clientId,
        undefined,
        clientSecret === undefined ? openid.None() : usual,
        {
          [openid.customFetch]: this.transport.request,
          execute: [
            openid.enableNonRepudiationChecks,
            ...(issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []),
          ],
        },
      );
      // Letter by letter; the library makes exceptions for some vendors.
      if (client.serverMetadata().issuer !== issuer) throw new SignInRefusal('not_believed', 'issuer');
      return client;
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

/** The address, unless the library refuses the one that the metadata names: no browser is sent there. */
function webPage(build: () => URL): string | undefined {
  try {
    return build().href;
  } catch {
    return undefined;
  }
}

/** By a private key: neither `none` nor the client secret signs who somebody is. */
function isSignedAsUsual(jwt: string | undefined): boolean {
  return jwt !== undefined && workloadAlgorithms.includes(decodeProtectedHeader(jwt).alg ?? '');
}
