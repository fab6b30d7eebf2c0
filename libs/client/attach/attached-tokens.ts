import type { RejectionAnswer, Token } from '../api-types.js';

interface SignalOption {
  readonly signal?: AbortSignal | null | undefined;
}

/** The client, as far as an attachment needs it. */
export interface TokenClient {
  token(connection: string, options: SignalOption): Promise<Token>;
  reject(connection: string, token: Token | number, options: SignalOption): Promise<RejectionAnswer>;
}

/** The tokens of one connection, for an HTTP client that sends them. */
export class AttachedTokens {
  readonly #client: TokenClient;
  readonly #connection: string;
  readonly #onError: (error: unknown) => void;

  constructor(client: TokenClient, connection: string, onError: (error: unknown) => void) {
    this.#client = client;
    this.#connection = connection;
    this.#onError = onError;
  }

  async token(signal?: AbortSignal | null): Promise<Token> {
    return this.#client.token(this.#connection, { signal });
  }

  /** Reports a 401. @returns whether there is another token now; a failed report leaves the caller with its 401 */
  async reject(token: Token | number, signal?: AbortSignal | null): Promise<boolean> {
    try {
      await this.#client.reject(this.#connection, token, { signal });
      const next = await this.token(signal);
      return next.generation !== (typeof token === 'number' ? token : token.generation);
    } catch (error) {
      signal?.throwIfAborted();
      this.#onError(error);
      return false;
    }
  }
}

export function authorizationOf({ token_type, access_token }: Token): string {
  return `${token_type} ${access_token}`;
}
