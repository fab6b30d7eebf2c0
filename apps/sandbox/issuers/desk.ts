import type { z } from 'zod';
import type { Json } from '../json.js';
import type { AuthorizationCodes } from '../world/authorization-codes.js';
import type { BackchannelRequests } from '../world/backchannel-requests.js';
import type { Consents } from '../world/consents.js';
import type { Grant, Grants } from '../world/grants.js';
import type { People } from '../world/people.js';
import type { SeenOnce } from '../world/seen-once.js';
import type { TokenLedger } from '../world/token-ledger.js';

/** An application a provider knows. */
export interface Client {
  readonly provider: string;
  readonly clientId: string;
  /** More than one while a secret is being replaced: each of them is accepted. None: a public client. */
  readonly secrets: readonly string[];
  /** RSA, in PEM; for clients that authenticate with a signature. */
  readonly publicKeys: readonly string[];
  /** Where its browsers may be sent back to; see `redirect-uris.ts` for the one wildcard. */
  readonly redirectUris: readonly string[];
}

export interface IssueOrder {
  readonly client: Client;
  readonly grantType: string;
  readonly scope?: string;
  /** The token itself, in the vendor's format. */
  readonly token: string;
  readonly vendorLifetimeSeconds: number;
  /** The authorisation it belongs to, and ends with. */
  readonly grant?: Grant;
  /** Where there is no grant to name one. */
  readonly user?: string;
  readonly singleUse?: boolean;
}

export interface Issued {
  readonly token: string;
  /** The lifetime to put in the answer; `undefined` when the member is to be left out. */
  readonly expiresIn: Json | undefined;
  readonly expiresAtMs: number;
}

/** All that an issuer may do for one request at its provider; rules and standing behaviour are already in it. */
export interface Desk {
  readonly provider: string;
  /** Where the client reached this sandbox, for URLs in answers. */
  readonly origin: string;
  /** On the sandbox's clock, when the request came; any delay of a rule lies behind that. */
  readonly arrivedAtMs: number;
  readonly codes: AuthorizationCodes;
  readonly consents: Consents;
  readonly grants: Grants;
  readonly backchannel: BackchannelRequests;
  readonly people: People;
  readonly seenOnce: SeenOnce;
  readonly tokens: TokenLedger;
  nowMs(): number;
  client(clientId: string): Client | undefined;
  /** The issuer's switches as they stand for this request, defaults filled in. */
  switches<S extends z.ZodType>(schema: S): z.output<S>;
  issue(order: IssueOrder): Issued;
  /** Called once the answer has left, or never will. */
  afterAnswer(listener: () => void): void;
}
