import http from 'node:http';
import { type RunningSandbox, serve } from '#testing';
import { bentRefusal, bentTokens } from './bent-answers.spec-support.js';
import {
  authorizationFaults,
  type Deviations,
  type Parameters,
  type Received,
  readTokenRequest,
} from './bent-requests.spec-support.js';

const sandboxBasic = `Basic ${Buffer.from('generic-client:generic-secret').toString('base64')}`;

export interface BentSandbox {
  readonly origin: string;
  /** In what the requests so far were not what the preset promises. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/**
 * A server that deviates as a preset says, in front of the sandbox's generic issuer, which keeps to RFC 6749: it refuses
 * what the preset's server would not understand, and passes the rest on in the words of the standard.
 */
export async function bendSandbox(
  sandbox: RunningSandbox,
  deviations: Deviations,
  scope: string,
): Promise<BentSandbox> {
  const faults: string[] = [];
  let origin = '';

  const pass = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(sandbox.origin + path, { redirect: 'manual', ...init });
    const text = (await response.text()).replaceAll(sandbox.origin, origin);
    return { status: response.status, text, location: response.headers.get('location') };
  };

  async function authorize(query: Parameters): Promise<Reply> {
    const wrong = authorizationFaults(query, deviations, scope);
    faults.push(...wrong.map((fault) => `The authorization request ${fault}`));
    if (wrong.length > 0) return { status: 400, text: wrong.join('\n') };
    const { redirect_uri = '', state = '', code_challenge, code_challenge_method } = query;
    const standard = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'generic-client', scope: 'read write', redirect_uri, state },
      ...(code_challenge === undefined
        ? {}
        : { code_challenge, code_challenge_method: `${code_challenge_method}` }),
      login_hint: 'ada',
    });
    const { status, location, text } = await pass(`/generic/authorize?${standard}`);
    if (location === null) return { status, text };
    const callback = new URL(location);
    for (const name of deviations.callback_fields ?? [])
      callback.searchParams.set(name, `${name} of the callback`);
    return { status, text, location: callback.href };
  }

  async function token(request: Received): Promise<Reply> {
    const { grant, form, faults: wrong } = readTokenRequest(request, deviations, scope);
    faults.push(...wrong.map((fault) => `The token request ${fault}`));
    if (wrong.length > 0) return { status: 400, text: JSON.stringify({ error: 'invalid_request' }) };
    const parameters = Object.entries({
      ...{ grant_type: grant, code: form['code'], redirect_uri: form['redirect_uri'] },
      ...{ code_verifier: form['code_verifier'], refresh_token: form['refresh_token'] },
    }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const { status, text } = await pass('/generic/token', {
      method: 'POST',
      headers: { authorization: sandboxBasic },
      body: new URLSearchParams(parameters),
    });
    const answer = { status, body: JSON.parse(text) };
    if (status === 200) return { status, text: JSON.stringify(bentTokens(answer, deviations)) };
    const refusal = bentRefusal(answer, deviations);
    return { status: refusal.status, text: JSON.stringify(refusal.body) };
  }

  const revoke = (request: Received) =>
    pass('/generic/revoke', {
      method: 'POST',
      headers: { authorization: sandboxBasic },
      body: new URLSearchParams({ token: new URLSearchParams(request.body).get('token') ?? '' }),
    });

  async function answer(method: string, request: Received): Promise<Reply> {
    const { pathname, searchParams } = new URL(request.path, origin);
    if (method === 'GET' && pathname === '/generic/authorize')
      return authorize(Object.fromEntries(searchParams));
    if (method === 'GET') return pass(request.path);
    return pathname === '/generic/revoke' ? revoke(request) : token(request);
  }

  const server = await serve(async (request: http.IncomingMessage, response: http.ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const received = { path: request.url ?? '', headers: request.headers, body };
    const { status, text, location } = await answer(request.method ?? '', received);
    response
      .writeHead(status, { 'content-type': 'application/json', ...(location ? { location } : {}) })
      .end(text);
  });
  origin = server.origin;
  return { origin, faults, close: server.close };
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly location?: string | null;
}
