import type { ServedToken } from '#token-reads';
import type { SentRequest } from './sent-request.js';

/** Tokens that a request asks for. */
export interface AskedTokens {
  /** `hashName` of the key, or of the JWT. */
  readonly callerName: string;
  /** Who the client says it is: the id of that key. */
  readonly clientId?: string;
  /** Slug; undefined where the key says which connection is meant. */
  readonly tenant: string | undefined;
  /** Slugs; none where the key says it. */
  readonly connections: readonly string[];
  readonly minTtlSeconds: number;
  /** To which they go, where a proxy asks. */
  readonly host?: string | undefined;
}

/** An answer with status 200. */
export interface DoorAnswer {
  /** Name and value in turns. */
  readonly headers: readonly string[];
  readonly text: string;
  /** Of the text, bytes. */
  readonly bytes: number;
}

/** One of the routes that hand tokens out, as far as it can answer without asking anybody. */
export interface Door {
  /** For logs and traces. */
  readonly route: string;
  readonly method: 'GET' | 'POST';
  /** @returns undefined for what is not sent to this door, or not as clients usually write it */
  read(sent: SentRequest): AskedTokens | undefined;
  /** Whether tokens of these connections may go where they are asked for. */
  mayServe?(tenantId: string, connection: string, asked: AskedTokens): boolean;
  /** @param connections their slugs, one for each of the tokens */
  write(
    tokens: readonly [ServedToken, ...ServedToken[]],
    connections: readonly string[],
    nowMs: number,
  ): DoorAnswer | undefined;
}
