import { type AttachedTokens, authorizationOf } from './attached-tokens.js';
import { isReplayable } from './is-replayable.js';

/** `fetch` of Node, of undici, of node-fetch. */
export type FetchLike = (input: never, init?: never) => Promise<unknown>;

/**
 * Redirects are left to `fetch`, which takes `Authorization` off where they lead to another origin. A `Request` with a
 * body is a stream: it is sent once.
 */
export function tokenFetch(tokens: AttachedTokens, fetchLike: FetchLike): typeof fetch {
  const send = fetchLike as typeof fetch;
  return async (input, init) => {
    const request = typeof input === 'string' || input instanceof URL ? undefined : input;
    const signal = init?.signal ?? request?.signal;
    const headers = new Headers(init?.headers ?? request?.headers);
    const sendWithToken = async () => {
      const token = await tokens.token(signal);
      headers.set('authorization', authorizationOf(token));
      return { token, response: await send(input, { ...init, headers: Object.fromEntries(headers) }) };
    };
    const { token, response } = await sendWithToken();
    if (response.status !== 401 || isElsewhere(response, request?.url ?? String(input))) return response;
    const hasNext = await tokens.reject(token, signal);
    if (!hasNext || !isReplayable(init?.body ?? request?.body)) return response;
    await response.body?.cancel?.().catch(() => undefined);
    return (await sendWithToken()).response;
  };
}

/** A redirect has led to a server that never saw the token. */
function isElsewhere(response: Response, url: string): boolean {
  return response.redirected && new URL(response.url).origin !== new URL(url).origin;
}
