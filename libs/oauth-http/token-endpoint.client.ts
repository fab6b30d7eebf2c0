import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { type Clock, type ProviderCall, type RawResponse, systemClock, UpstreamError } from '#provider-kit';
import { CallProgress } from './call-progress.js';
import { ConnectionPool } from './connection-pool.js';
import { EgressPolicy } from './egress-policy.js';
import { resolverFor } from './name-resolution.js';
import { OAUTH_HTTP_OPTIONS, type OauthHttpOptions } from './oauth-http.options.js';
import { readBody } from './response-body.js';
import { readRetryAfterSeconds } from './retry-after.js';
import type { Form } from './token-request.form.js';
import { egressRefused, toUpstreamError } from './upstream-failures.js';

interface Destination {
  readonly providerId: string;
  /** As the vendor documents it; `providerEndpoints` may put another origin in front of path and query. */
  readonly url: string;
}

export type TokenEndpointRequest = Destination & {
  /** Value of the `Authorization` header, whole. */
  readonly authorization?: string;
  /**
   * True when sending it twice does no harm (client credentials): it may then use a kept-alive socket. Leave it
   * out for whatever spends a refresh token, a code, or another one-time credential.
   */
  readonly repeatable?: boolean;
} & ({ readonly form: Form } | { readonly json: Readonly<Record<string, unknown>> });

interface Outgoing extends Destination {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly reuse: boolean;
}

/**
 * One HTTP request to a provider: no retry, no redirect, no proxy, a hard deadline, a bounded answer, and an exact
 * account of whether anything was sent. Every status but a redirect is an answer; what it means is the reader's matter.
 */
@Injectable()
export class TokenEndpointClient implements OnApplicationShutdown {
  private readonly clock: Clock;
  private readonly egress: EgressPolicy;
  private readonly origins: ReadonlyMap<string, string>;
  private readonly pool = new ConnectionPool();

  /** @throws Error when an egress rule or a provider endpoint cannot be read */
  constructor(
    private readonly http: HttpService,
    @Inject(OAUTH_HTTP_OPTIONS) private readonly options: OauthHttpOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.egress = new EgressPolicy(options.egressAllow);
    const endpoints = Object.entries(options.providerEndpoints);
    this.origins = new Map(endpoints.map(([providerId, url]) => [providerId, new URL(url).origin]));
  }

  onApplicationShutdown(): void {
    this.pool.close();
  }

  /** @throws UpstreamError when no usable answer came */
  async post(request: TokenEndpointRequest, call: ProviderCall): Promise<RawResponse> {
    const { providerId, url, authorization, repeatable = false } = request;
    const isForm = 'form' in request;
    return this.exchange(
      {
        providerId,
        url,
        method: 'POST',
        headers: {
          'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: isForm ? encodeForm(request.form) : JSON.stringify(request.json),
        reuse: repeatable,
      },
      call,
    );
  }

  /** For metadata documents. @throws UpstreamError when no usable answer came */
  async getJson(request: Destination, call: ProviderCall): Promise<RawResponse> {
    return this.exchange({ ...request, method: 'GET', headers: {}, reuse: true }, call);
  }

  /**
   * An address for a browser, with its parameters: behind the same origin, and under the same rule of https, as calls.
   * @throws UpstreamError `egress_refused`
   */
  browserUrl(destination: Destination, parameters: Form): string {
    const { url, configured } = this.locate(destination);
    if (this.egress.decide(url, configured) === 'refused') throw egressRefused(url.host);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url.href;
  }

  /** Whether a browser may be sent to an address that the provider named. */
  allowsBrowser(providerId: string, address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    return this.egress.decide(url, url.origin === this.origins.get(providerId)) !== 'refused';
  }

  private async exchange(outgoing: Outgoing, call: ProviderCall): Promise<RawResponse> {
    const { url, configured } = this.locate(outgoing);
    const decision = this.egress.decide(url, configured);
    if (decision === 'refused') throw egressRefused(url.host);

    const latestMs = this.clock.monotonicMs() + this.options.upstreamTimeoutMs;
    const progress = new CallProgress(this.clock, Math.min(call.deadlineMonotonicMs, latestMs));
    try {
      // One turn of the event loop: sockets the peer has closed meanwhile leave the pool before we pick one.
      if (outgoing.reuse) await nextTurn();
      const demand = {
        guarded: decision === 'guarded',
        resolve: this.options.lookup ?? resolverFor(decision === 'guarded'),
        progress,
      };
      const response: AxiosResponse<Readable> = await this.http.axiosRef.request({
        url: url.href,
        method: outgoing.method,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'Grantkeeper',
          ...outgoing.headers,
        },
        ...(outgoing.body === undefined ? {} : { data: outgoing.body }),
        transport: this.pool.transport(demand, outgoing.reuse),
        signal: progress.signal,
        responseType: 'stream',
        decompress: false,
        maxRedirects: 0,
        proxy: false,
        validateStatus: null,
      });
      return await this.receive(response, url.host);
    } catch (error) {
      throw toUpstreamError(error, progress, url.host);
    } finally {
      progress.end();
    }
  }

  private async receive(response: AxiosResponse<Readable>, host: string): Promise<RawResponse> {
    const { status, headers, data } = response;
    if (status >= 300 && status < 400) {
      data.on('error', () => undefined).destroy();
      throw new UpstreamError('redirect_refused', true, `${host} answered with a redirect (${status}).`);
    }
    const retryAfterSeconds = readRetryAfterSeconds(
      headers['retry-after'],
      headers['date'],
      this.clock.now(),
    );
    return {
      status,
      contentType: mediaType(headers['content-type']),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      body: await readBody(data, {
        length: headers['content-length'],
        encoding: headers['content-encoding'],
      }),
    };
  }

  private locate({ providerId, url }: Destination): { url: URL; configured: boolean } {
    if (!URL.canParse(url)) throw egressRefused('an address that is not a URL');
    const vendor = new URL(url);
    const origin = this.origins.get(providerId);
    if (origin === undefined) return { url: vendor, configured: false };
    // Joined as text: resolving a path that starts with `//` against the origin would take it for a host.
    return { url: new URL(origin + vendor.pathname + vendor.search), configured: true };
  }
}

/** As a WHATWG form does it: a space is `+`, and all but letters, digits and `*-._` is percent-encoded. */
function encodeForm(form: Form): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== undefined) fields.append(name, value);
  return fields.toString();
}

function mediaType(header: unknown): string {
  return typeof header === 'string' ? (header.split(';', 1)[0] ?? '').trim().toLowerCase() : '';
}
