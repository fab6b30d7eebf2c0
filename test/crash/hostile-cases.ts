import type { FailureClass, FailureCode } from '#provider-kit';
import {
  type RawProvider,
  startDeafProvider,
  startRawProvider,
  startUntrustedProvider,
} from './raw-provider.js';

/** The outcome of a renewal, for everything a provider has been seen to answer. */
export interface HostileCase {
  /** As docs/errors.md names it. */
  readonly answer: string;
  readonly provider: HostileProvider;
  readonly code: FailureCode;
  readonly class: FailureClass;
  readonly status: 'degraded' | 'reauthorization_required';
  /** Seconds after the first failure between which it is asked again; null: never. Readers wait for the first of them. */
  readonly again: readonly [number, number] | null;
  /** Requests the provider reads before that. */
  readonly requests: 0 | 1;
}

/** A rule of the sandbox, with what it needs to know; a provider of its own; or nobody at an address. */
export type HostileProvider =
  | { readonly rule: (internal: string) => object }
  | { readonly raw: () => Promise<RawProvider> }
  | { readonly nobodyAt: string };

const soon = { status: 'degraded', again: [1, 2] } as const;
const transient = { class: 'transient', ...soon } as const;
const unknown = { class: 'unknown', ...soon } as const;
const configuration = { class: 'configuration', status: 'degraded', again: [5, 60] } as const;
const terminal = { class: 'terminal', status: 'reauthorization_required', again: null } as const;

const retryAfterSeconds = 7;
const asAsked = { again: [retryAfterSeconds, retryAfterSeconds] } as const;
const inSeconds = { 'retry-after': String(retryAfterSeconds) };
const asDate = {
  date: 'Wed, 21 Oct 2026 07:28:00 GMT',
  'retry-after': `Wed, 21 Oct 2026 07:28:0${retryAfterSeconds} GMT`,
};

const megabyte = 1024 * 1024;
const page = '<!doctype html><title>Sorry</title><h1>We will be back</h1>';
const metadataService = 'http://169.254.169.254/latest/meta-data/';

const rule = (members: object): HostileProvider => ({ rule: () => members });
const error = (status: number, word: string) => rule({ status, body: { error: word } });
const html = (status: number) => rule({ status, body: page, content_type: 'text/html' });
const redirect = (status: number) => ({
  inside: { rule: (internal: string) => ({ status, headers: { location: internal } }) },
  metadata: rule({ status, headers: { location: metadataService } }),
});

/** Each row is one renewal by a refresh token, after a first one that went well. */
export const hostileCases: readonly HostileCase[] = [
  { answer: '500', provider: rule({ status: 500 }), code: 'server_error', ...unknown, requests: 1 },
  {
    answer: '503',
    provider: rule({ status: 503 }),
    code: 'temporarily_unavailable',
    ...transient,
    requests: 1,
  },
  {
    answer: '503 with `Retry-After` in seconds',
    provider: rule({ status: 503, headers: inSeconds }),
    code: 'temporarily_unavailable',
    ...transient,
    ...asAsked,
    requests: 1,
  },
  {
    answer: '503 with `Retry-After` as a date',
    provider: rule({ status: 503, headers: asDate }),
    code: 'temporarily_unavailable',
    ...transient,
    ...asAsked,
    requests: 1,
  },
  { answer: '429', provider: rule({ status: 429 }), code: 'rate_limited', ...transient, requests: 1 },
  {
    answer: '429 with `Retry-After` in seconds',
    provider: rule({ status: 429, headers: inSeconds }),
    code: 'rate_limited',
    ...transient,
    ...asAsked,
    requests: 1,
  },
  {
    answer: '429 with `Retry-After` as a date',
    provider: rule({ status: 429, headers: asDate }),
    code: 'rate_limited',
    ...transient,
    ...asAsked,
    requests: 1,
  },
  { answer: 'HTML in a 200', provider: html(200), code: 'malformed_response', ...unknown, requests: 1 },
  { answer: 'HTML in a 502', provider: html(502), code: 'server_error', ...unknown, requests: 1 },
  {
    answer: 'an empty 200',
    provider: rule({ status: 200, body: '' }),
    code: 'malformed_response',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'a body cut off',
    provider: rule({ drop: 'mid_body' }),
    code: 'connection_dropped',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'a body of 10 MB',
    provider: rule({ pad_bytes: 10 * megabyte }),
    code: 'response_too_large',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'a gzip bomb',
    // Small enough for the sandbox to pack well within the deadline, and to be read whole.
    provider: rule({ pad_bytes: 16 * megabyte, gzip: true }),
    code: 'response_too_large',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'a body that drips',
    provider: rule({ drip_ms: 300 }),
    code: 'upstream_timeout',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'nothing at all',
    provider: { raw: () => startRawProvider(() => undefined) },
    code: 'upstream_timeout',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'headers that drip',
    provider: { raw: () => startRawProvider((socket) => headers(socket, 50, 'x-more: please\r\n')) },
    code: 'upstream_timeout',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'headers without end',
    provider: {
      raw: () => startRawProvider((socket) => headers(socket, 1, `x-more: ${'please'.repeat(200)}\r\n`)),
    },
    code: 'header_too_large',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'a redirect (302) to an address inside',
    provider: redirect(302).inside,
    code: 'redirect_refused',
    ...configuration,
    requests: 1,
  },
  {
    answer: 'a redirect (307) to an address inside',
    provider: redirect(307).inside,
    code: 'redirect_refused',
    ...configuration,
    requests: 1,
  },
  {
    answer: 'a redirect (302) to the metadata service of a cloud',
    provider: redirect(302).metadata,
    code: 'redirect_refused',
    ...configuration,
    requests: 1,
  },
  {
    answer: 'a redirect (307) to the metadata service of a cloud',
    provider: redirect(307).metadata,
    code: 'redirect_refused',
    ...configuration,
    requests: 1,
  },
  {
    answer: '`invalid_client` in a 401',
    provider: error(401, 'invalid_client'),
    code: 'invalid_client',
    ...configuration,
    requests: 1,
  },
  {
    answer: '`invalid_grant` in a 400',
    provider: error(400, 'invalid_grant'),
    code: 'invalid_grant',
    ...terminal,
    requests: 1,
  },
  {
    answer: '`invalid_grant` in a 200',
    provider: error(200, 'invalid_grant'),
    code: 'invalid_grant',
    ...terminal,
    requests: 1,
  },
  {
    answer: '`invalid_grant` in a 500',
    provider: error(500, 'invalid_grant'),
    code: 'server_error',
    ...unknown,
    requests: 1,
  },
  {
    answer: '`temporarily_unavailable` in a 200',
    provider: error(200, 'temporarily_unavailable'),
    code: 'temporarily_unavailable',
    ...transient,
    requests: 1,
  },
  {
    answer: 'an error of no known name in a 200',
    provider: error(200, 'oops'),
    code: 'provider_refused',
    ...configuration,
    requests: 1,
  },
  {
    answer: 'the connection reset before the request was read',
    provider: { raw: startDeafProvider },
    code: 'connection_reset',
    ...unknown,
    requests: 0,
  },
  {
    answer: 'the connection reset after the request was read',
    provider: { raw: () => startRawProvider((socket) => socket.resetAndDestroy()) },
    code: 'connection_reset',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'the connection closed without an answer',
    provider: rule({ drop: 'after' }),
    code: 'connection_dropped',
    ...unknown,
    requests: 1,
  },
  {
    answer: 'the connection refused',
    // Port 1, tcpmux: nobody listens there, and nobody who is not root can.
    provider: { nobodyAt: 'http://127.0.0.1:1/token' },
    code: 'connection_refused',
    ...transient,
    requests: 0,
  },
  {
    answer: 'a certificate that is not trusted',
    provider: { raw: startUntrustedProvider },
    code: 'certificate_not_trusted',
    ...transient,
    requests: 0,
  },
  {
    answer: 'a host name that does not exist',
    // Too long for any resolver: it need not ask anybody to know.
    provider: { nobodyAt: `https://${'a'.repeat(64)}.invalid/token` },
    code: 'host_not_found',
    ...transient,
    requests: 0,
  },
];

/** A status line, then header lines as long as somebody listens. */
function headers(socket: RawSocket, everyMs: number, line: string): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n');
  const timer = setInterval(() => socket.write(line), everyMs);
  socket.on('close', () => clearInterval(timer));
}

type RawSocket = Parameters<Parameters<typeof startRawProvider>[0]>[0];

/** The row of docs/errors.md, cell by cell. */
export function documentedCase({ answer, code, class: failureClass, status, again }: HostileCase): string[] {
  return [answer, `\`${code}\``, failureClass, `\`${status}\``, documentedAgain(again)];
}

function documentedAgain(again: HostileCase['again']): string {
  if (again === null) return 'never';
  const [from, to] = again;
  return from === to ? 'after `Retry-After`' : `after ${from} to ${to} s`;
}
