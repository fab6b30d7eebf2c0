import { Injectable } from '@nestjs/common';

export interface RequestCount {
  /** Reached the sandbox, those it dropped before processing included. */
  arrived: number;
  /** Were processed, whatever the answer and whether or not it got back to the client. */
  requests: number;
  /** Tokens handed out or committed. */
  issued: number;
}

/** Requests of one client to a provider's token endpoints, since the last reset. */
export interface TokenCount extends RequestCount {
  readonly provider: string;
  readonly client_id: string | null;
  /** The same by `grant_type`; the empty name where a request had none. */
  readonly grant_types: Record<string, RequestCount>;
  /** Its other requests, resources apart: `POST /oauth2/bc-authorize` and how often. */
  readonly calls: Record<string, number>;
}

export interface TokenCountFilter {
  readonly provider?: string | undefined;
  readonly client_id?: string | undefined;
}

/** Exact for as long as the sandbox runs, however few requests the log still holds. */
@Injectable()
export class Tally {
  readonly #counts = new Map<string, TokenCount>();

  /** Adds to the client's count, and to that of its grant type. */
  add(
    who: Pick<TokenCount, 'provider' | 'client_id'>,
    grantType: string | null,
    what: keyof RequestCount,
    by = 1,
  ): void {
    const count = this.#of(who);
    const name = grantType ?? '';
    const ofGrantType = count.grant_types[name] ?? { arrived: 0, requests: 0, issued: 0 };
    count.grant_types[name] = ofGrantType;
    count[what] += by;
    ofGrantType[what] += by;
  }

  addCall(who: Pick<TokenCount, 'provider' | 'client_id'>, call: string): void {
    const { calls } = this.#of(who);
    calls[call] = (calls[call] ?? 0) + 1;
  }

  list(filter: TokenCountFilter): readonly TokenCount[] {
    return [...this.#counts.values()].filter(
      (count) =>
        (filter.provider === undefined || filter.provider === count.provider) &&
        (filter.client_id === undefined || filter.client_id === count.client_id),
    );
  }

  reset(): void {
    this.#counts.clear();
  }

  #of({ provider, client_id }: Pick<TokenCount, 'provider' | 'client_id'>): TokenCount {
    const key = `${provider} ${client_id ?? ''}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const fresh: TokenCount = {
      provider,
      client_id,
      arrived: 0,
      requests: 0,
      issued: 0,
      // Without a prototype: whatever a request calls its grant type is an ordinary name here.
      grant_types: Object.create(null),
      calls: Object.create(null),
    };
    this.#counts.set(key, fresh);
    return fresh;
  }
}
