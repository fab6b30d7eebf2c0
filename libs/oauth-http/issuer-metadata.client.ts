import { Injectable } from '@nestjs/common';
import { type ProviderCall, UpstreamError } from '#provider-kit';
import { discoveryFailed, IssuerMetadata } from './issuer-metadata.js';
import { TokenEndpointClient } from './token-endpoint.client.js';

/** Ten minutes: an endpoint that moved is found again before anybody files a ticket. */
const freshForMs = 600_000;
/** A document that could not be read again is tried again after a minute, and not by every call meanwhile. */
const againAfterMs = 60_000;
/** The share of a call's time that reading again may take: the rest is for what the call is about. */
const readingAgainShare = 0.25;
const maxIssuers = 500;

/** Discovers endpoints from an issuer. Safe to call before spending anything: its failures never count as sent. */
@Injectable()
export class IssuerMetadataClient {
  private readonly cache = new Map<
    string,
    { readonly metadata: IssuerMetadata; readonly freshUntilMs: number }
  >();

  constructor(private readonly http: TokenEndpointClient) {}

  /**
   * Metadata once read is used on while it cannot be read again: an outage of the document is not one of the tokens.
   * @throws UpstreamError with `requestSent` false
   */
  async discover(providerId: string, issuer: string, call: ProviderCall): Promise<IssuerMetadata> {
    const key = `${providerId} ${issuer}`;
    const known = this.cache.get(key);
    const nowMs = this.http.clock.monotonicMs();
    if (known && nowMs < known.freshUntilMs) return known.metadata;
    const share = known ? readingAgainShare : 1;
    const deadlineMonotonicMs = nowMs + (call.deadlineMonotonicMs - nowMs) * share;
    try {
      const metadata = await this.read(providerId, issuer, { deadlineMonotonicMs });
      this.remember(key, metadata, freshForMs);
      return metadata;
    } catch (error) {
      if (!known) throw error;
      this.remember(key, known.metadata, againAfterMs);
      return known.metadata;
    }
  }

  /** Each document gets an equal share of the time that is left: one that hangs does not keep the next from being read. */
  private async read(providerId: string, issuer: string, call: ProviderCall): Promise<IssuerMetadata> {
    const urls = wellKnownUrls(issuer);
    let failure = discoveryFailed('there is no metadata document');
    for (const [at, url] of urls.entries()) {
      const nowMs = this.http.clock.monotonicMs();
      const shareMs = (call.deadlineMonotonicMs - nowMs) / (urls.length - at);
      try {
        const response = await this.http.get({ providerId, url }, { deadlineMonotonicMs: nowMs + shareMs });
        if (response.status !== 200) throw discoveryFailed(`${url} answered ${response.status}`);
        return IssuerMetadata.read(response.body, url, issuer);
      } catch (error) {
        failure = moreTelling(failure, unsent(error, url));
      }
    }
    throw failure;
  }

  private remember(key: string, metadata: IssuerMetadata, freshMs: number): void {
    this.cache.delete(key);
    this.cache.set(key, { metadata, freshUntilMs: this.http.clock.monotonicMs() + freshMs });
    const [oldest] = this.cache.keys();
    if (this.cache.size > maxIssuers && oldest !== undefined) this.cache.delete(oldest);
  }
}

/** RFC 8414 §3.1 first, then OpenID Connect Discovery §4: the one inserts before the path, the other appends. */
function wellKnownUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/** The request asked for metadata: the token request, which is what `requestSent` speaks of, was not sent. */
function unsent(error: unknown, url: string): UpstreamError {
  if (!(error instanceof UpstreamError)) throw error;
  if (error.code === 'discovery_failed') return error;
  // The cause below HTTP is the same for the tokens; any other is one of the document.
  const kept = !error.requestSent || error.code === 'upstream_timeout';
  const code = kept ? error.code : 'discovery_failed';
  return new UpstreamError(code, false, `Discovery failed at ${url}: ${error.message}`);
}

/** A document that was found and is wrong says more than one that is not there. */
function moreTelling(before: UpstreamError, now: UpstreamError): UpstreamError {
  return before.member !== undefined && now.member === undefined ? before : now;
}
