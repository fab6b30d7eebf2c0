import type { GrantType } from './token-grant.js';

/** What differs from grant to grant. A rule of one grant is a trait here, and nobody else asks for the type. */
export interface GrantTraits {
  /** How the user consents when a connection is authorised: nobody does here, in a browser, or on another device. */
  readonly consent: 'none' | 'browser' | 'backchannel';
  /** Whose grant it is. One of the client alone needs no user to begin it again, and no refresh token. */
  readonly owner: 'client' | 'user';
  /** Whether an answer may bring a refresh token that is kept; RFC 6749 §4.4.3 has none for client credentials. */
  readonly keepsRefreshToken: boolean;
  /** Whether sending the same again does no harm, or less than waiting: anybody may poll an `auth_req_id`. */
  readonly repeatable: boolean;
  /** Whether an answer with tokens spends what was sent, so that a lost answer cannot be had again. */
  readonly singleUse: 'never' | 'always' | 'where_rotating';
  /** Whether it is sent again, at an interval, until the user has answered (OpenID CIBA Core §11). */
  readonly polled: boolean;
  /** Whether it must not be sent again when the fate of the first request is unknown. */
  readonly unknownIsFinal: boolean;
}

export const grantTraits: Readonly<Record<GrantType, GrantTraits>> = {
  client_credentials: {
    consent: 'none',
    owner: 'client',
    keepsRefreshToken: false,
    repeatable: true,
    singleUse: 'never',
    polled: false,
    unknownIsFinal: false,
  },
  authorization_code: {
    consent: 'browser',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: false,
    singleUse: 'always',
    polled: false,
    // A server that has seen the code may revoke what it gave for it (RFC 6749 §4.1.2).
    unknownIsFinal: true,
  },
  password: {
    consent: 'none',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: true,
    singleUse: 'never',
    polled: false,
    unknownIsFinal: false,
  },
  ciba: {
    consent: 'backchannel',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: true,
    singleUse: 'always',
    polled: true,
    unknownIsFinal: false,
  },
  refresh_token: {
    consent: 'none',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: false,
    singleUse: 'where_rotating',
    polled: false,
    unknownIsFinal: false,
  },
};

/** Whether a provider with these grants is ever sent this one: those it lists, and the refresh tokens they bring. */
export function servesGrant(grants: readonly GrantType[], type: GrantType): boolean {
  if (grants.includes(type)) return true;
  return type === 'refresh_token' && grants.some((listed) => grantTraits[listed].keepsRefreshToken);
}
