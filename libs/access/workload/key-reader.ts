import { z } from 'zod';
import { type GuardedHttpClient, type GuardedResponse, readBody } from '#egress';
import type { Clock } from '#provider-kit';
import { KeySet } from './key-set.js';

/** As `GRANTKEEPER_JWT_ISSUERS` lists it. */
export interface ListedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks_uri?: string | undefined;
}

/** Shorter than a provider's: somebody waits who has not even been let in. */
const longestMs = 5_000;

/** Reads the keys of issuers, and where they are from the issuer's metadata, through the guarded way out. */
export class KeyReader {
  constructor(
    private readonly http: GuardedHttpClient,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** @throws Error when no usable answer came within the time */
  async read(listed: ListedIssuer): Promise<KeySet> {
    const deadlineMonotonicMs = this.clock.monotonicMs() + Math.min(this.timeoutMs, longestMs);
    const get = (url: string) => this.get(url, mayBePrivate(url, listed), deadlineMonotonicMs);
    return KeySet.read(await get(listed.jwks_uri ?? (await discover(listed.issuer, get))));
  }

  private async get(url: string, isConfigured: boolean, deadlineMonotonicMs: number): Promise<string> {
    const answer = await this.http.send(
      { method: 'GET', url, headers: { accept: 'application/json' }, repeatable: true, isConfigured },
      { deadlineMonotonicMs },
      async ({ status, headers, body }: GuardedResponse) => {
        const read = { length: headers['content-length'], encoding: headers['content-encoding'] };
        return { status, text: await readBody(body, read) };
      },
    );
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}.`);
    return answer.text;
  }
}

/** OpenID Connect Discovery §4 first, which Kubernetes, SPIRE and CI have; then RFC 8414 §3.1. */
async function discover(issuer: string, get: (url: string) => Promise<string>): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  // Identical, character by character, or the document must not be used.
  const document = z.object({ issuer: z.literal(issuer), jwks_uri: z.url() });
  const read = async (url: string) => document.parse(JSON.parse(await get(url))).jwks_uri;
  return read(`${origin}${path}/.well-known/openid-configuration`).catch(() =>
    read(`${origin}/.well-known/oauth-authorization-server${path}`),
  );
}

/**
 * The operator has written the issuer or the address of its keys, so their origin may be a private one; not in plain
 * text over a network, which has to be allowed like any other.
 */
export function mayBePrivate(url: string, { issuer, jwks_uri }: ListedIssuer): boolean {
  const { origin, protocol, hostname } = new URL(url);
  const written = [issuer, jwks_uri].some((one) => one !== undefined && originOf(one) === origin);
  return written && (protocol === 'https:' || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
