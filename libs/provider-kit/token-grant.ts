/** The grants of CONTRACT.md: how a connection is first authorised. `refresh_token` is the import of a grant obtained elsewhere. */
export const grantTypes = [
  'client_credentials',
  'authorization_code',
  'password',
  'ciba',
  'refresh_token',
] as const;
export type GrantType = (typeof grantTypes)[number];

/**
 * One request to a token endpoint, in the terms of RFC 6749 §4 and §6 and OpenID CIBA Core §10.1.
 * Everything in it is sent by sending it, except client credentials.
 */
export type TokenGrant =
  | { readonly type: 'client_credentials'; readonly scope?: string }
  | {
      readonly type: 'authorization_code';
      readonly code: string;
      readonly redirectUri: string;
      readonly codeVerifier?: string;
    }
  | {
      readonly type: 'password';
      readonly username: string;
      readonly password: string;
      readonly scope?: string;
    }
  | { readonly type: 'refresh_token'; readonly refreshToken: string; readonly scope?: string }
  | { readonly type: 'ciba'; readonly authReqId: string };

/** What a grant sends that nobody else may see: each is cut from the provider's words, however short it is. */
export function secretsOf(grant: TokenGrant): string[] {
  switch (grant.type) {
    case 'client_credentials':
      return [];
    case 'authorization_code':
      return grant.codeVerifier === undefined ? [grant.code] : [grant.code, grant.codeVerifier];
    case 'password':
      return [grant.password];
    case 'refresh_token':
      return [grant.refreshToken];
    case 'ciba':
      return [grant.authReqId];
  }
}
