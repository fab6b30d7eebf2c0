import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { type Clock, type ProviderCall, systemClock } from '#provider-kit';
import { CallProgress } from './call-progress.js';
import { ConnectionPool } from './connection-pool.js';
import { EgressPolicy } from './egress-policy.js';
import { resolverFor } from './name-resolution.js';
import { OAUTH_HTTP_OPTIONS, type OauthHttpOptions } from './oauth-http.options.js';
import { isPublicAddress } from './public-address.js';
import { discardBody } from './response-body.js';
import { readRetryAfterSeconds } from './retry-after.js';
import { egressRefused, toUpstreamError } from './upstream-failures.js';

export interface GuardedPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Only what the answer says before its body. */
export interface GuardedAnswer {
  readonly status: number;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Posts to addresses that tenants name, under the egress rules of provider calls: public https or what the operator
 * listed, no redirect, no proxy, a hard deadline.
 */
@Injectable()
export class GuardedHttpClient implements OnApplicationShutdown {
  private readonly clock: Clock;
  private readonly egress: EgressPolicy;
  private readonly pool = new ConnectionPool();

  /** @throws Error when an egress rule cannot be read */
  constructor(
    private readonly http: HttpService,
    @Inject(OAUTH_HTTP_OPTIONS) private readonly options: OauthHttpOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.egress = new EgressPolicy(options.egressAllow);
  }

  onApplicationShutdown(): void {
    this.pool.close();
  }

  /**
   * Whether a call to the address would be refused, as far as that can be told without resolving its name: what it
   * resolves to is judged at each call.
   */
  allows(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    const decision = this.egress.decide(url, false);
    if (decision !== 'guarded') return decision === 'exempt';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(host) === 0 || isPublicAddress(host);
  }

  /**
   * Every status is an answer, redirects too. The body is read up to a cap, so that the receiver can finish, and
   * thrown away: neither its length nor its pace can change what the status said.
   * @throws UpstreamError when no answer came
   */
  async post({ url: address, headers, body }: GuardedPost, call: ProviderCall): Promise<GuardedAnswer> {
    if (!URL.canParse(address)) throw egressRefused('an address that is not a URL');
    const url = new URL(address);
    const decision = this.egress.decide(url, false);
    if (decision === 'refused') throw egressRefused(url.host);
    const progress = new CallProgress(this.clock, call.deadlineMonotonicMs);
    const demand = {
      guarded: decision === 'guarded',
      resolve: this.options.lookup ?? resolverFor(decision === 'guarded'),
      progress,
    };
    try {
      // One turn of the event loop: sockets the peer has closed meanwhile leave the pool before we pick one.
      await nextTurn();
      const response: AxiosResponse<Readable> = await this.http.axiosRef.request({
        url: url.href,
        method: 'POST',
        headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Grantkeeper', ...headers },
        // Bytes: a text would be parsed and trimmed on its way, and what is sent is signed.
        data: Buffer.from(body),
        transport: this.pool.transport(demand, true),
        signal: progress.signal,
        responseType: 'stream',
        decompress: false,
        maxRedirects: 0,
        proxy: false,
        validateStatus: null,
      });
      await discardBody(response.data);
      return {
        status: response.status,
        retryAfterSeconds: readRetryAfterSeconds(
          response.headers['retry-after'],
          response.headers['date'],
          this.clock.now(),
        ),
      };
    } catch (error) {
      throw toUpstreamError(error, progress, url.host);
    } finally {
      progress.end();
    }
  }
}
