import type { CustomFetch } from 'openid-client';
import { type GuardedHttpClient, type GuardedResponse, readBody } from '#egress';
import type { Clock } from '#provider-kit';
import { mayBePrivate } from '../workload/key-reader.js';

/** Somebody waits before a page. */
const longestMs = 5_000;

/** The requests of `openid-client`, through the guarded way out. */
export class IssuerTransport {
  constructor(
    private readonly http: GuardedHttpClient,
    private readonly clock: Clock,
    private readonly issuer: string,
    private readonly timeoutMs: number,
  ) {}

  readonly request: CustomFetch = (url, { method, headers, body }) =>
    this.http.send(
      {
        method: method === 'POST' ? 'POST' : 'GET',
        url,
        headers,
        ...(body === null || body === undefined ? {} : { body: String(body) }),
        repeatable: method === 'GET',
        isConfigured: mayBePrivate(url, { issuer: this.issuer, audience: '' }),
      },
      { deadlineMonotonicMs: this.clock.monotonicMs() + Math.min(this.timeoutMs, longestMs) },
      async ({ status, headers: answered, body: answer }: GuardedResponse) => {
        const read = { length: answered['content-length'], encoding: answered['content-encoding'] };
        const text = await readBody(answer, read);
        const said = ['content-type', 'www-authenticate'].flatMap((name): [string, string][] =>
          typeof answered[name] === 'string' ? [[name, answered[name]]] : [],
        );
        return new Response(text === '' ? null : text, { status, headers: said });
      },
    );
}
