import type { TokenGrant } from '#provider-kit';

/** A field left undefined is not sent. */
export type Form = Readonly<Record<string, string | undefined>>;

/** OpenID CIBA Core §10.1. */
const cibaGrantType = 'urn:openid:params:grant-type:ciba';

/** The fields of a token request as the standards have them, without the client's: RFC 6749 §4 and §6, RFC 7636 §4.5. */
export function tokenRequestForm(grant: TokenGrant): Form {
  switch (grant.type) {
    case 'client_credentials':
      return { grant_type: grant.type, scope: grant.scope };
    case 'authorization_code':
      return {
        grant_type: grant.type,
        code: grant.code,
        redirect_uri: grant.redirectUri,
        code_verifier: grant.codeVerifier,
      };
    case 'password':
      return {
        grant_type: grant.type,
        username: grant.username,
        password: grant.password,
        scope: grant.scope,
      };
    case 'refresh_token':
      // RFC 6749 §6: without one, the scope stays what it was. What came with the token may not be a list of scopes.
      return { grant_type: grant.type, refresh_token: grant.refreshToken };
    case 'ciba':
      return { grant_type: cibaGrantType, auth_req_id: grant.authReqId };
  }
}
