import { Injectable } from '@nestjs/common';
import { type ProviderCall, UpstreamError } from '#provider-kit';
import { type IssuerMetadata, readIssuerMetadata } from './issuer-metadata.js';
import { TokenEndpointClient } from './token-endpoint.client.js';

/** Ten minutes: an endpoint that moved is found again before anybody files a ticket. */
const freshForMs = 600_000;
/** What could not be read again is tried again after a minute, and not by every call meanwhile. */
const againAfterMs = 60_000;
/** What reading again may take of the time a call has: the rest is for what the call is about. */
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

  private async read(providerId: string, issuer: string, call: ProviderCall): Promise<IssuerMetadata> {
    let reason = 'no metadata document';
    for (const url of wellKnownUrls(issuer)) {
      const response = await this.http.getJson({ providerId, url }, call).catch(unsent);
      if (response.status !== 200) {
        reason = `status ${response.status}`;
        continue;
      }
      const read = readIssuerMetadata(response.body, issuer);
      if (typeof read !== 'string') return read;
      reason = read;
    }
    throw new UpstreamError('discovery_failed', false, `Discovery failed: ${reason}.`);
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

/** What was sent was a question for metadata: the token request, which is what `requestSent` speaks of, was not. */
function unsent(error: unknown): never {
  if (!(error instanceof UpstreamError)) throw error;
  // The cause below HTTP is the same for the tokens; any other is one of the document.
  const kept = !error.requestSent || error.code === 'upstream_timeout';
  const code = kept ? error.code : 'discovery_failed';
  throw new UpstreamError(code, false, `Discovery failed: ${error.message}`);
}
