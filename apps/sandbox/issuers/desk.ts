import type { Json } from '../json.js';

/** An application a provider knows. */
export interface Client {
  readonly provider: string;
  readonly clientId: string;
  /** More than one while a secret is being replaced: each of them is accepted. */
  readonly secrets: readonly string[];
}

export interface IssueOrder {
  readonly client: Client;
  readonly grantType: string;
  readonly scope?: string;
  /** The token itself, in the vendor's format. */
  readonly token: string;
  readonly vendorLifetimeSeconds: number;
}

export interface Issued {
  readonly token: string;
  /** What to put in the answer; `undefined` when the member is to be left out. */
  readonly expiresIn: Json | undefined;
  readonly expiresAtMs: number;
}

/** What an issuer may do for one request at its provider; rules and standing behaviour are already in it. */
export interface Desk {
  client(clientId: string): Client | undefined;
  accepts(token: string): boolean;
  issue(order: IssueOrder): Issued;
}
