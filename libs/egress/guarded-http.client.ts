import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { type Clock, type ProviderCall, systemClock } from '#provider-kit';
import { CallProgress } from './call-progress.js';
import { type ClientCertificate, ConnectionPool } from './connection-pool.js';
import { EGRESS_OPTIONS, type EgressOptions } from './egress.options.js';
import { EgressPolicy } from './egress-policy.js';
import { resolverFor } from './name-resolution.js';
import { isPublicAddress } from './public-address.js';
import { discardBody } from './response-body.js';
import { readRetryAfterSeconds } from './retry-after.js';
import { egressRefused, toUpstreamError } from './upstream-failures.js';

export interface GuardedRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Whether sending it twice does no harm: it may then use a kept-alive socket. */
  readonly repeatable: boolean;
  /** For https: what the client shows of itself in the handshake. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Whether the operator has configured its origin, which is then exempt from the egress rules. */
  readonly isConfigured?: boolean;
}

export interface GuardedPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Only what an answer says before its body. */
export type GuardedAnswer = Pick<GuardedResponse, 'status' | 'retryAfterSeconds'>;

export interface GuardedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** From `Retry-After`, seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** Must be read or destroyed. */
  readonly body: Readable;
}

/**
 * The one way out: to public https addresses or what the operator listed, without retry, redirect or proxy, under a
 * hard deadline, with an exact account of whether anything was sent. Every status is an answer.
 */
@Injectable()
export class GuardedHttpClient implements OnApplicationShutdown {
  private readonly clock: Clock;
  private readonly policy: EgressPolicy;
  private readonly pool = new ConnectionPool();

  /** @throws Error when an egress rule cannot be read */
  constructor(
    private readonly http: HttpService,
    @Inject(EGRESS_OPTIONS) private readonly options: EgressOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.policy = new EgressPolicy(options.egressAllow);
  }

  onApplicationShutdown(): void {
    this.pool.close();
  }

  /** Whether the rules allow an address by its scheme and origin; a name's addresses are judged at each call. */
  permits(url: URL, isConfigured = false): boolean {
    return this.policy.decide(url, isConfigured) !== 'refused';
  }

  /** The same for an address that a tenant has written, whose host may be an address already. */
  allows(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    const decision = this.policy.decide(url, false);
    if (decision !== 'guarded') return decision === 'exempt';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(host) === 0 || isPublicAddress(host);
  }

  /**
   * Posts, repeatably. The answer's body is read up to a cap, so that the receiver can finish, and thrown away:
   * neither its length nor its pace can change what the status said.
   * @throws UpstreamError when no answer came
   */
  post({ url, headers, body }: GuardedPost, call: ProviderCall): Promise<GuardedAnswer> {
    // Bytes: a text would be parsed and trimmed on its way, and the signature is over the bytes.
    const data = Buffer.from(body);
    return this.send(
      { method: 'POST', url, headers: { accept: '*/*', ...headers }, body: data, repeatable: true },
      call,
      async ({ status, retryAfterSeconds, body: answer }) => {
        await discardBody(answer);
        return { status, retryAfterSeconds };
      },
    );
  }

  /**
   * @param receive reads the answer, within the deadline of the call
   * @throws UpstreamError when no usable answer came
   */
  async send<T>(
    request: GuardedRequest,
    call: ProviderCall,
    receive: (response: GuardedResponse) => Promise<T>,
  ): Promise<T> {
    if (!URL.canParse(request.url)) throw egressRefused('an address that is not a URL');
    const url = new URL(request.url);
    const decision = this.policy.decide(url, request.isConfigured ?? false);
    if (decision === 'refused') throw egressRefused(url.host);
    const progress = new CallProgress(this.clock, call.deadlineMonotonicMs);
    const guarded = decision === 'guarded';
    const demand = { guarded, resolve: this.options.lookup ?? resolverFor(guarded), progress };
    try {
      // One turn of the event loop: sockets the peer has closed meanwhile leave the pool before one is taken.
      if (request.repeatable) await nextTurn();
      const response: AxiosResponse<Readable> = await this.http.axiosRef.request({
        url: url.href,
        method: request.method,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'Grantkeeper', ...request.headers },
        ...(request.body === undefined ? {} : { data: request.body }),
        transport: this.pool.transport(demand, request.repeatable, request.clientCertificate),
        signal: progress.signal,
        responseType: 'stream',
        decompress: false,
        maxRedirects: 0,
        proxy: false,
        validateStatus: null,
      });
      const { status, headers, data: body } = response;
      const retryAfterSeconds = readRetryAfterSeconds(
        headers['retry-after'],
        headers['date'],
        this.clock.now(),
      );
      return await receive({ status, headers, retryAfterSeconds, body });
    } catch (error) {
      throw toUpstreamError(error, progress, url.host);
    } finally {
      progress.end();
    }
  }
}
