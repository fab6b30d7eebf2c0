import { Inject, Injectable } from '@nestjs/common';
import {
  type ClientCertificate,
  EGRESS_OPTIONS,
  type EgressOptions,
  egressRefused,
  GuardedHttpClient,
  type GuardedResponse,
  readBody,
} from '#egress';
import { countUpstreamRequest, currentTraceparent, inRequestSpan } from '#observability';
import {
  type Clock,
  type Form,
  type ProviderCall,
  type RawResponse,
  systemClock,
  UpstreamError,
} from '#provider-kit';

interface Destination {
  readonly providerId: string;
  /** As the vendor documents it; `providerEndpoints` may put another origin in front of path and query. */
  readonly url: string;
}

export type TokenEndpointRequest = Destination & {
  /** Value of the `Authorization` header, whole. */
  readonly authorization?: string;
  /** More headers, by their names in lower case; those that this client sets itself go before. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For https: what the client shows of itself in the handshake (RFC 8705 §2). */
  readonly clientCertificate?: ClientCertificate | undefined;
  /**
   * True when sending it twice does no harm (client credentials): it may then use a kept-alive socket. Leave it
   * out for whatever sends a refresh token, a code, or another one-time credential.
   */
  readonly repeatable?: boolean;
} & ({ readonly form: Form } | { readonly json: Readonly<Record<string, unknown>> });

interface ResourceRequest extends Destination {
  /** Value of the `Authorization` header, whole. */
  readonly authorization: string;
  /** More headers, by their names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Outgoing extends Destination {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly repeatable: boolean;
}

/**
 * One HTTP request to a provider and its bounded answer. Every status but a redirect is an answer; the reader says
 * what it means.
 */
@Injectable()
export class TokenEndpointClient {
  /** Of this process; simulations bring their own. Adapters date their assertions by it. */
  readonly clock: Clock;
  private readonly origins: ReadonlyMap<string, string>;

  /** @throws Error when a provider endpoint cannot be read */
  constructor(
    private readonly http: GuardedHttpClient,
    @Inject(EGRESS_OPTIONS) private readonly options: EgressOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    const endpoints = Object.entries(options.providerEndpoints);
    this.origins = new Map(endpoints.map(([providerId, url]) => [providerId, new URL(url).origin]));
  }

  /** @throws UpstreamError when no usable answer came */
  async post(request: TokenEndpointRequest, call: ProviderCall): Promise<RawResponse> {
    const { providerId, url, authorization, headers, clientCertificate, repeatable = false } = request;
    const isForm = 'form' in request;
    return this.send(
      {
        providerId,
        url,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        clientCertificate,
        body: isForm ? encodeForm(request.form) : JSON.stringify(request.json),
        repeatable,
      },
      call,
    );
  }

  /**
   * For metadata documents, keys, and what a token opens.
   * @param authorization value of the `Authorization` header, whole
   * @throws UpstreamError when no usable answer came
   */
  async get(request: Destination, call: ProviderCall, authorization?: string): Promise<RawResponse> {
    const headers = authorization === undefined ? {} : { authorization };
    return this.send({ ...request, method: 'GET', headers, repeatable: true }, call);
  }

  /**
   * Asks an address of the provider's API with an access token. An answer with success whose body cannot be read here is
   * one all the same: without it.
   * @throws UpstreamError when no usable answer came
   */
  async getWithToken(
    { authorization, headers, ...destination }: ResourceRequest,
    call: ProviderCall,
  ): Promise<RawResponse> {
    const all = { ...headers, authorization };
    return this.send({ ...destination, method: 'GET', headers: all, repeatable: true }, call, receiveAnyBody);
  }

  /**
   * An address for a browser, with its parameters: behind the same origin, and under the same rule of https, as calls.
   * @throws UpstreamError `egress_refused`
   */
  browserUrl(destination: Destination, parameters: Form): string {
    const { url, configured } = this.locate(destination);
    if (!this.http.permits(url, configured)) throw egressRefused(url.host);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url.href;
  }

  /** Whether a browser may be sent to an address that the provider named. */
  allowsBrowser(providerId: string, address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    return this.http.permits(url, url.origin === this.origins.get(providerId));
  }

  private async send(
    outgoing: Outgoing,
    call: ProviderCall,
    read: typeof receive = receive,
  ): Promise<RawResponse> {
    const { providerId, url: documented, headers, ...rest } = outgoing;
    const { url, configured } = this.locate({ providerId, url: documented });
    const latestMs = this.clock.monotonicMs() + this.options.upstreamTimeoutMs;
    const { traceparentToProviders = false } = this.options;
    const attributes = {
      'grantkeeper.provider': providerId,
      'http.request.method': rest.method,
      'server.address': url.hostname,
    };
    return inRequestSpan('provider request', attributes, async (note) => {
      const traceparent = traceparentToProviders ? currentTraceparent() : undefined;
      try {
        const answer = await this.http.send(
          {
            ...rest,
            url: url.href,
            headers: {
              accept: 'application/json',
              ...(traceparent === undefined ? {} : { traceparent }),
              ...headers,
            },
            isConfigured: configured,
          },
          { deadlineMonotonicMs: Math.min(call.deadlineMonotonicMs, latestMs) },
          (response) => read(response, url.host),
        );
        countUpstreamRequest(providerId, answer.status);
        note({ 'http.response.status_code': answer.status });
        return answer;
      } catch (error) {
        countUpstreamRequest(providerId, error instanceof UpstreamError ? error.code : 'internal_error');
        throw error;
      }
    });
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

async function receive(response: GuardedResponse, host: string): Promise<RawResponse> {
  const { status, headers, retryAfterSeconds, body } = response;
  if (status >= 300 && status < 400) {
    body.on('error', () => undefined).destroy();
    throw new UpstreamError('redirect_refused', true, `${host} answered with a redirect (${status}).`);
  }
  return {
    status,
    contentType: mediaType(headers['content-type']),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    body: await readBody(body, {
      length: headers['content-length'],
      encoding: headers['content-encoding'],
    }),
  };
}

/** As `receive`, but for a body that is too large or broken: that of a large list says nothing of the token. */
async function receiveAnyBody(response: GuardedResponse, host: string): Promise<RawResponse> {
  const { status, headers, body } = response;
  const isSuccess = status >= 200 && status < 300;
  try {
    return await receive(response, host);
  } catch (error) {
    body.on('error', () => undefined).destroy();
    if (!isSuccess) throw error;
    return { status, contentType: mediaType(headers['content-type']), body: '' };
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
