import type { z } from 'zod';
import type { FailureCode } from '../failure-codes.js';

/** The fields of a form-encoded request. A field left undefined is not sent. */
export type Form = Readonly<Record<string, string | undefined>>;

/** The differences from grant to grant. A rule of one grant is a trait here, and nobody else asks for the type. */
export interface GrantTraits {
  /** How the user consents when a connection is authorised: nobody does here, in a browser, or on another device. */
  readonly consent: 'none' | 'browser' | 'backchannel';
  /** Whose grant it is. One of the client alone needs no user to begin it again, and no refresh token. */
  readonly owner: 'client' | 'user';
  /** Whether an answer may bring a refresh token that is kept; RFC 6749 §4.4.3 has none for client credentials. */
  readonly keepsRefreshToken: boolean;
  /** Whether sending the same again does no harm, or less than waiting: anybody may poll an `auth_req_id`. */
  readonly repeatable: boolean;
  /** Whether what was sent is invalid once it was answered with tokens, so that a lost answer cannot be had again. */
  readonly singleUse: 'never' | 'always' | 'where_rotating';
  /** Whether it is sent again, at an interval, until the user has answered (OpenID CIBA Core §11, RFC 8628 §3.5). */
  readonly polled: boolean;
  /** Whether it must not be sent again when the fate of the first request is unknown. */
  readonly unknownIsFinal: boolean;
  /** Words that mean something else after this grant than after others. */
  readonly errorCodes?: Readonly<Record<string, FailureCode>>;
  /** Whether it is issued with the tokens of other grants: a provider is sent it that lists one which keeps it. */
  readonly issuedWithTokens?: boolean;
}

/** All there is to know about one grant; `grants.ts` has a row for each. */
export interface Grant<Request, Fields extends z.ZodObject> {
  readonly traits: GrantTraits;
  /** The fields that a new connection names in the API. A provider may ask otherwise: `descriptor.grantFields`. */
  readonly fields: Fields;
  /** Which of the fields names the user. */
  readonly subjectField?: keyof z.output<Fields> & string;
  /** The token request in the terms of its standard, without what authenticates the client. */
  form(request: Request): Form;
  /** The parts of the request that nobody else may see: each is cut from the provider's words, however short it is. */
  secrets(request: Request): readonly (string | undefined)[];
  /** The request that the fields hold, where they hold one: it is sent once, when the connection is made. */
  fromFields?(fields: z.output<Fields>): Request;
  /** The request that needs nothing but the connection, for each renewal; required of an `owner` `client`. */
  fromConnection?(connection: ConnectionToAuthorize): Request;
}

export interface ConnectionToAuthorize {
  readonly subject: string | null;
  readonly scope: string | null;
}

/** The `scope` of a request: none where none is asked for. */
export function scopeOf(scope: string | null | undefined): { readonly scope?: string } {
  return scope ? { scope } : {};
}
