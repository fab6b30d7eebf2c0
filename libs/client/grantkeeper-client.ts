import type { RejectionAnswer, Token } from './api-types.js';
import { AttachedTokens } from './attach/attached-tokens.js';
import { type AxiosLike, attachAxios } from './attach/axios.js';
import { type FetchLike, tokenFetch } from './attach/fetch.js';
import { tokenInterceptor, type UndiciDispatch } from './attach/undici.js';
import {
  type GrantkeeperClientOptions,
  maxMinTtl,
  type Settings,
  settingsOf,
  wholeNumber,
} from './client-options.js';
import { type ConnectionName, connectionName } from './connection-name.js';
import { GrantkeeperHttp } from './grantkeeper-http.js';
import { TokenSource } from './token-source.js';
import { untilAborted } from './until-aborted.js';

export interface TokenOptions {
  /** Seconds that the token should still live; default that of the client. */
  readonly minTtl?: number | undefined;
  readonly signal?: AbortSignal | null | undefined;
  /** `false` for single-use tokens: asks Grantkeeper for this caller alone, and keeps nothing. */
  readonly cache?: boolean | undefined;
}

/** Reads providers' tokens from Grantkeeper. Connections are named `<id>` or `<tenant>/<id>`. */
export class GrantkeeperClient {
  readonly #settings: Settings;
  readonly #http: GrantkeeperHttp;
  /** The least recently used first. */
  readonly #sources = new Map<string, TokenSource>();

  /** @throws GrantkeeperError `configuration` */
  constructor(options: GrantkeeperClientOptions = {}) {
    this.#settings = settingsOf(options, process.env);
    this.#http = new GrantkeeperHttp(this.#settings);
  }

  /** A valid token of the connection. @throws GrantkeeperError, or the reason of the signal */
  async token(connection: string, options: TokenOptions = {}): Promise<Token> {
    const minTtl = wholeNumber('minTtl', options.minTtl ?? this.#settings.minTtl, 0, maxMinTtl);
    const name = this.#nameOf(connection);
    options.signal?.throwIfAborted();
    const token =
      options.cache === false ? this.#http.readToken(name, minTtl) : this.#sourceOf(name).read(minTtl);
    return untilAborted(token, options.signal);
  }

  /** Reports that the provider refused a token (or the token of that generation); it is renewed, and served no more. */
  async reject(
    connection: string,
    token: Token | number,
    options: { readonly signal?: AbortSignal | null | undefined } = {},
  ): Promise<RejectionAnswer> {
    const name = this.#nameOf(connection);
    options.signal?.throwIfAborted();
    return untilAborted(this.#sourceOf(name).reject(token), options.signal);
  }

  /** A `fetch` that sends the token of the connection with each request, and tries once more after a 401. */
  fetch<F extends FetchLike = typeof globalThis.fetch>(connection: string, fetchLike?: F): F {
    const send = fetchLike ?? ((input: never, init?: never) => globalThis.fetch(input, init));
    return tokenFetch(this.#attached(connection), send) as unknown as F;
  }

  /** Makes an axios instance send the token of the connection. @returns the instance */
  attachAxios<A extends AxiosLike>(instance: A, connection: string): A {
    attachAxios(this.#attached(connection), instance);
    return instance;
  }

  /**
   * An interceptor for `dispatcher.compose()` of undici. A dispatcher does not see which request a redirect leads to:
   * the token is sent to these origins only, such as `https://api.example.com`.
   */
  undici(
    connection: string,
    origins: string | URL | readonly (string | URL)[],
  ): <D extends UndiciDispatch>(dispatch: D) => D {
    const list = typeof origins === 'string' || origins instanceof URL ? [origins] : origins;
    return tokenInterceptor(
      this.#attached(connection),
      list.map((origin) => new URL(origin).origin),
    );
  }

  #attached(connection: string): AttachedTokens {
    const { text } = this.#nameOf(connection);
    return new AttachedTokens(this, text, (error) => this.#settings.onBackgroundError(error, text));
  }

  #nameOf(connection: string): ConnectionName {
    return connectionName(connection, this.#settings.tenant);
  }

  #sourceOf(name: ConnectionName): TokenSource {
    const source = this.#sources.get(name.text) ?? new TokenSource(name, this.#http, this.#settings);
    this.#sources.delete(name.text);
    this.#sources.set(name.text, source);
    if (this.#sources.size > this.#settings.maxConnections) {
      const [oldest = ''] = this.#sources.keys();
      this.#sources.delete(oldest);
    }
    return source;
  }
}
