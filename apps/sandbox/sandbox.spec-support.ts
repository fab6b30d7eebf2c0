import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { Json } from './json.js';
import { type RunningSandbox, startSandbox } from './sandbox.js';

export const VCC_BASIC = 'Basic YTFiMmMzZDRlNTo5cEJsK3hZMU1XK0Fic2RaazR4cHY3TndXeEc4K29xZHVLaVNxVnliTTlZPQ==';
export const VCC_TOKEN_PATH = '/v0/oauth2/token';
export const NET2PHONE_TOKEN_PATH = '/api/oauth/token/';
export const NET2PHONE_FORM =
  'grant_type=client_credentials&client_id=0123456789&client_secret=0123456789012345678901234567890';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  json(): any;
}

/** A sandbox for the tests of one file, reset before each of them. */
export function useSandbox() {
  let sandbox: RunningSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(async () => {
    await call('/_control/reset', { method: 'POST' });
  });
  afterAll(() => sandbox.close());

  async function call(path: string, init?: RequestInit): Promise<Answer> {
    const response = await fetch(sandbox.origin + path, { redirect: 'manual', ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
  }

  return {
    origin: () => sandbox.origin,
    call,
    get: (path: string) => call(path),
    /** Like a browser that follows nothing: the answer, and where it is sent. */
    browse: async (url: string) => {
      const answer = await call(url.replace(sandbox.origin, ''));
      return { ...answer, sentTo: new URL(answer.headers.get('location') ?? 'none:') };
    },
    /** Clicks on the consent page in `text`. */
    click: async (text: string, decision: 'approve' | 'deny', user?: string) => {
      const path = /action="([^"]+)"/.exec(text)?.[1] ?? '';
      const consent = /name="consent" value="([^"]+)"/.exec(text)?.[1] ?? '';
      const body = new URLSearchParams({ consent, decision, ...(user && { user }) });
      const answer = await call(path, { method: 'POST', body });
      return { ...answer, sentTo: new URL(answer.headers.get('location') ?? 'none:') };
    },
    remove: (path: string) => call(path, { method: 'DELETE' }),
    /** A form POST, its body and headers byte for byte as given. */
    form: (path: string, body: string, headers: Record<string, string> = {}) =>
      call(path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    /** A form POST of these parameters. */
    post: (path: string, parameters: Record<string, string>, headers: Record<string, string> = {}) =>
      call(path, { method: 'POST', body: new URLSearchParams(parameters), headers }),
    /** Throws a switch of a provider. */
    behave: (provider: string, switches: Record<string, Json>) =>
      call('/_control/behaviours', {
        method: 'PUT',
        body: JSON.stringify({ provider, switches }),
        headers: { 'content-type': 'application/json' },
      }),
    forward: (seconds: number) =>
      call('/_control/clock', {
        method: 'POST',
        body: JSON.stringify({ advance_seconds: seconds }),
        headers: { 'content-type': 'application/json' },
      }),
    /** A call of the control API with a JSON body. */
    control: (method: string, path: string, body: Json) =>
      call(`/_control/${path}`, {
        method,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    vccToken: () =>
      call(VCC_TOKEN_PATH, {
        method: 'POST',
        body: 'grant_type=client_credentials',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: VCC_BASIC },
      }),
    bearer: (path: string, token: string) => call(path, { headers: { authorization: `Bearer ${token}` } }),
  };
}
