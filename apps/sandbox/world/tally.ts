import { Injectable } from '@nestjs/common';

/** Requests to token endpoints for one client, since the last reset. */
export interface TokenCount {
  readonly provider: string;
  readonly client_id: string | null;
  /** Reached the sandbox, those it dropped before processing included. */
  arrived: number;
  /** Were processed, whatever the answer and whether or not it got back to the client. */
  requests: number;
  /** Tokens handed out or committed. */
  issued: number;
}

export interface TokenCountFilter {
  readonly provider?: string | undefined;
  readonly client_id?: string | undefined;
}

/** Exact for as long as the sandbox runs, however little of it the journal still remembers. */
@Injectable()
export class Tally {
  readonly #counts = new Map<string, TokenCount>();

  of(provider: string, clientId: string | null): TokenCount {
    const key = `${provider} ${clientId ?? ''}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const fresh = { provider, client_id: clientId, arrived: 0, requests: 0, issued: 0 };
    this.#counts.set(key, fresh);
    return fresh;
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
}
