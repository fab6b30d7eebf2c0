import type { z } from 'zod';
import { authorizationCodeGrant } from './authorization-code.grant.js';
import { cibaGrant } from './ciba.grant.js';
import { clientCredentialsGrant } from './client-credentials.grant.js';
import { deviceCodeGrant } from './device-code.grant.js';
import type { ConnectionToAuthorize, Form, Grant, GrantTraits } from './grant.js';
import { jwtBearerGrant } from './jwt-bearer.grant.js';
import { passwordGrant } from './password.grant.js';
import { refreshTokenGrant } from './refresh-token.grant.js';

/** The grants, one row each, by the names that CONTRACT.md has for them. */
export const grants = {
  client_credentials: clientCredentialsGrant,
  authorization_code: authorizationCodeGrant,
  password: passwordGrant,
  ciba: cibaGrant,
  refresh_token: refreshTokenGrant,
  device_code: deviceCodeGrant,
  jwt_bearer: jwtBearerGrant,
};

/** How a connection is first authorised. */
export type GrantType = keyof typeof grants;
export const grantTypes = Object.keys(grants) as GrantType[];

type RequestOf<T extends GrantType> = Parameters<(typeof grants)[T]['form']>[0];
type FieldsOf<T extends GrantType> = z.output<(typeof grants)[T]['fields']>;
type GrantTable = { readonly [T in GrantType]: Grant<RequestOf<T>, (typeof grants)[T]['fields']> };
const table: GrantTable = grants;

/** One request to a token endpoint; `type` is the name of its row. */
export type TokenGrant = { [T in GrantType]: { readonly type: T } & RequestOf<T> }[GrantType];

/** The fields of all grants together, as a schema has left those of one. */
export type GrantFields = Partial<AllOf<FieldsOf<GrantType>>>;
type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

export const grantTraits = Object.fromEntries(
  grantTypes.map((type) => [type, grants[type].traits]),
) as Readonly<Record<GrantType, GrantTraits>>;

/** The fields of a token request as the standards have them, without what authenticates the client. */
export function tokenRequestForm<T extends GrantType>(grant: { readonly type: T } & RequestOf<T>): Form {
  return table[grant.type].form(grant);
}

/** The parts of a request that nobody else may see. */
export function secretsOf<T extends GrantType>(grant: { readonly type: T } & RequestOf<T>): string[] {
  return table[grant.type].secrets(grant).filter((secret) => secret !== undefined);
}

/** The request that the fields of a new connection hold, to be sent at once; null where they hold none. */
export function grantFromFields<T extends GrantType>(type: T, fields: GrantFields): TokenGrant | null {
  return typed(type, table[type].fromFields?.(fields as FieldsOf<T>));
}

/** The request of a renewal for which the connection alone is enough; null where it is not. */
export function grantFromConnection(type: GrantType, connection: ConnectionToAuthorize): TokenGrant | null {
  return typed(type, table[type].fromConnection?.(connection));
}

function typed<T extends GrantType>(type: T, request: RequestOf<T> | undefined): TokenGrant | null {
  return request === undefined ? null : ({ type, ...request } as TokenGrant);
}

/** Whether a provider with these grants is ever sent this one: those it lists, and the refresh tokens they bring. */
export function servesGrant(listed: readonly GrantType[], type: GrantType): boolean {
  const brings = listed.some((grant) => grantTraits[grant].keepsRefreshToken);
  const brought = brings ? grantTypes.filter((grant) => grantTraits[grant].issuedWithTokens) : [];
  return [...listed, ...brought].includes(type);
}
