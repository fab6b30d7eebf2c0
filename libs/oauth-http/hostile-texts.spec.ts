import { describe, expect, it } from '@jest/globals';
import { type RawResponse, UpstreamError } from '#provider-kit';
import { readBackchannelResponse } from './backchannel-response.reader.js';
import { readFailure } from './failure.reader.js';
import { IssuerMetadata } from './issuer-metadata.js';
import { readSeconds } from './lifetime.js';
import { redactProviderWords } from './redaction.js';
import { readTokenEndpointResponse } from './token-response.reader.js';
import type { TokenResponseProfile } from './token-response-profile.js';

const limitMs = 50;

/** Of the 64 KiB that a body may have; there is room for the rest of it around the one text that fills it. */
const length = 64 * 1_024 - 200;

/** A text that fills a body: runs of each class that the patterns use, ended by what makes them fail late. */
const fill = (unit: string, end = '') =>
  unit.repeat(Math.floor((length - Buffer.byteLength(end)) / Buffer.byteLength(unit))) + end;

const distinctLetters = String.fromCodePoint(...Array.from({ length: 20_000 }, (_, i) => 0x4e00 + i));

const texts: Readonly<Record<string, string>> = {
  'digits, then a letter': fill('1', 'x'),
  'digits, a dot, digits, then a letter': `${'1'.repeat(length / 2)}.${'1'.repeat(length / 2 - 2)}x`,
  'an exponent, then a letter': `1e${fill('1', 'x').slice(2)}`,
  'spaces, then a letter': fill(' ', 'x'),
  'a letter, then spaces': `x${fill(' ').slice(1)}`,
  'a number among spaces': `${' '.repeat(length / 2)}1${' '.repeat(length / 2 - 2)}x`,
  'letters, then a space': fill('a', ' '),
  'letters, then a control character': fill('a', '\u0000'),
  'mixed case': fill('aA', ' '),
  'opaque characters': fill('a-', '"'),
  'short runs of opaque characters': fill('aaaaaaaaaaaaaaa,'),
  'control characters': fill('\u007f', 'x'),
  'line separators': fill('\u2028', 'x'),
  'words before a secret': fill('token '),
  'a word before a secret, then spaces': `token${fill(' ').slice(5)}`,
  'a word before a secret, an equals sign, then spaces': `token=${fill(' ').slice(6)}`,
  'schemes before a secret': fill('bearer basic '),
  'words with separators': fill('secret:="'),
  'the letters of the client': fill('e'),
  backslashes: fill('\\\\r'),
  scopes: fill('a '),
  'a host of distinct letters': `https://${distinctLetters}/`,
  'a host of labels': `https://${fill('a.').slice(8)}`,
  'a path of dots': `https://a${fill('/..').slice(9)}`,
};

const client = { clientId: 'e', settings: {}, secret: { kind: 'client_secret', value: 'd' } } as const;

describe.each(Object.entries(texts))('%s', (_name, text) => {
  it.each(['expires_in', 'access_token', 'token_type', 'refresh_token', 'scope', 'refresh_expires_in'])(
    'as %s of a token response',
    (member) => {
      const body = json({ access_token: 'x', token_type: 'Bearer', expires_in: 60, [member]: text });
      within(() => readTokenEndpointResponse(answer(200, body), profile));
    },
  );

  it.each(['error', 'error_description', 'message', 'title', 'code', 'interval'])(
    'as %s of a refusal',
    (member) => {
      const body = json({ error: 'slow_down', status: 400, [member]: text });
      within(() => readFailure(answer(400, body), profile));
      within(() => readTokenEndpointResponse(answer(400, body), cibaProfile));
      within(() => readFailure(answer(400, json({ status: 400, message: 'x', [member]: text })), profile));
      within(() => readFailure(answer(400, json({ error: { code: text, message: text } })), profile));
    },
  );

  it.each(['auth_req_id', 'expires_in', 'interval'])('as %s of a backchannel response', (member) => {
    const body = json({ auth_req_id: 'x', expires_in: 60, [member]: text });
    within(() => readBackchannelResponse(answer(200, body), { ...profile, assumedRequestSeconds: 60 }));
  });

  it.each(['issuer', 'token_endpoint', 'authorization_endpoint', 'revocation_endpoint', 'jwks_uri'])(
    'as %s of a metadata document',
    (member) => {
      const issuer = 'https://as.example';
      within(() => readMetadata(json({ issuer, [member]: text })));
    },
  );

  it('as a number, and as words to be redacted', () => {
    within(() => readSeconds(text));
    within(() => redactProviderWords(text, ['e', 'd', 'a', 't']));
  });
});

const profile: TokenResponseProfile = {
  assumedLifetimeSeconds: 60,
  context: { grant: 'refresh_token', client },
};
const cibaProfile: TokenResponseProfile = { ...profile, context: { grant: 'ciba', client } };

function answer(status: number, body: string): RawResponse {
  return { status, contentType: 'application/json', body };
}

function json(body: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(body);
}

/** Processor time, so that a pause of the machine does not count; of three runs the best, for the compiler runs too. */
function within(read: () => unknown): void {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && bestMs >= limitMs; run++) {
    const before = process.cpuUsage();
    read();
    const { user, system } = process.cpuUsage(before);
    bestMs = Math.min(bestMs, (user + system) / 1000);
  }
  expect(bestMs).toBeLessThan(limitMs);
}

/** Every address in it is looked at, as discovery may. */
function readMetadata(document: string): void {
  try {
    const metadata = IssuerMetadata.read(document, 'the document', 'https://as.example');
    metadata.endpoint('token_endpoint');
    metadata.endpoint('jwks_uri');
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
  }
}
