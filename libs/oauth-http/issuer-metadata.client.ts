import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type ProviderCall, UpstreamError } from '#provider-kit';
import { TokenEndpointClient } from './token-endpoint.client.js';

/** RFC 8414 §2, as far as it is used. */
const metadataSchema = z.looseObject({
  issuer: z.string(),
  token_endpoint: z.url().optional(),
  authorization_endpoint: z.url().optional(),
  backchannel_authentication_endpoint: z.url().optional(),
  revocation_endpoint: z.url().optional(),
  jwks_uri: z.url().optional(),
  /** RFC 9207 §3. */
  authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

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
      const parsed = metadataSchema.safeParse(parseJson(response.body));
      // RFC 8414 §3.3: identical, character by character, or the document must not be used.
      if (parsed.success && parsed.data.issuer === issuer) return parsed.data;
      reason = parsed.success ? 'the document names another issuer' : 'the document is not issuer metadata';
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
  const kept = ['egress_refused', 'upstream_timeout', 'upstream_unreachable'].includes(error.code);
  throw new UpstreamError(
    kept ? error.code : 'discovery_failed',
    false,
    `Discovery failed: ${error.message}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
