import type { RejectionAnswer, Token } from './api-types.js';
import { CachedToken, refreshTtl } from './cached-token.js';
import type { Settings } from './client-options.js';
import type { ConnectionName } from './connection-name.js';
import { GrantkeeperError } from './grantkeeper-error.js';
import type { GrantkeeperHttp } from './grantkeeper-http.js';
import { HoldOff } from './hold-off.js';
import { RejectionReports } from './rejection-reports.js';
import { Stopwatch } from './stopwatch.js';

/** A read on its way, for all who wait for it. */
interface Flight {
  readonly minTtl: number;
  readonly answer: Promise<CachedToken>;
}

/** The token of one connection: in memory while it is good, asked for once by all who need another. */
export class TokenSource {
  readonly #connection: ConnectionName;
  readonly #http: GrantkeeperHttp;
  readonly #settings: Settings;
  readonly #reports: RejectionReports;
  readonly #holdOff = new HoldOff();
  #cached: CachedToken | undefined;
  #flight: Flight | undefined;
  /** The access token that a provider refused; never kept in memory again. */
  #rejected: string | undefined;

  constructor(connection: ConnectionName, http: GrantkeeperHttp, settings: Settings) {
    this.#connection = connection;
    this.#http = http;
    this.#settings = settings;
    this.#reports = new RejectionReports(connection, http);
  }

  /** @throws GrantkeeperError where there is no token that can be served */
  async read(minTtl: number): Promise<Token> {
    for (;;) {
      const cached = this.#alive();
      if (cached && !cached.isShort(minTtl)) {
        if (cached.isAging(minTtl, this.#settings.maxAgeSeconds)) this.#refreshBehind(minTtl);
        return cached.read();
      }
      if (cached && !this.#flight && this.#holdOff.isPaused()) return cached.read();
      const flight = this.#flight ?? this.#start(minTtl);
      try {
        const answer = await flight.answer;
        // One that was asked for a shorter time may be too short for this reader.
        if (flight.minTtl >= minTtl || this.#holdOff.isPaused()) return answer.read();
      } catch (error) {
        const left = this.#alive();
        if (!left) throw error;
        this.#settings.onBackgroundError(error, this.#connection.text);
        return left.read();
      }
    }
  }

  /** Tells Grantkeeper that the provider refused a token, and serves that one no more. */
  async reject(token: Token | number): Promise<RejectionAnswer> {
    const generation = typeof token === 'number' ? token : token.generation;
    const cached = this.#alive();
    if (cached && cached.generation > generation) return { generation: cached.generation, renewed: false };
    if (cached?.generation === generation) this.#rejected = cached.accessToken;
    if (typeof token !== 'number') this.#rejected = token.access_token;
    this.#cached = undefined;
    const answer = await this.#reports.report(generation);
    // A read that began before the renewal may still bring the old token.
    this.#flight = undefined;
    this.#holdOff.end();
    return answer;
  }

  #alive(): CachedToken | undefined {
    return this.#cached?.isAlive() ? this.#cached : undefined;
  }

  #refreshBehind(minTtl: number): void {
    if (this.#flight || this.#holdOff.isPaused()) return;
    this.#start(refreshTtl(minTtl)).answer.catch((error: unknown) =>
      this.#settings.onBackgroundError(error, this.#connection.text),
    );
  }

  #start(minTtl: number): Flight {
    this.#holdOff.check();
    const flight: Flight = {
      minTtl,
      answer: this.#ask(minTtl).finally(() => {
        if (this.#flight === flight) this.#flight = undefined;
      }),
    };
    this.#flight = flight;
    return flight;
  }

  async #ask(minTtl: number): Promise<CachedToken> {
    const sinceAsked = new Stopwatch();
    try {
      const token = await this.#http.readToken(this.#connection, minTtl);
      const answer = new CachedToken(token, sinceAsked, this.#cached);
      if (!answer.is(this.#rejected ?? '')) this.#cached = answer;
      if (answer.isAging(minTtl, this.#settings.maxAgeSeconds)) this.#holdOff.lengthen();
      else this.#holdOff.end();
      return answer;
    } catch (error) {
      this.#holdOff.lengthen(error);
      if (error instanceof GrantkeeperError && error.isRefusal) this.#cached = undefined;
      throw error;
    }
  }
}
