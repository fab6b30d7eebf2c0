import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { EgressModule } from '#egress';
import {
  type ClientSecret,
  failureCodes,
  grantTypes,
  PROVIDER_REGISTRY,
  type ProviderRegistry,
  type TokenGrant,
  UpstreamError,
} from '#provider-kit';
import { ProviderCatalogModule } from './provider-catalog.module.js';
import { soon } from './recorder.spec-support.js';

/**
 * Traps for generic OAuth clients, against every adapter: a row is a trap, a cell is what the caller gets, a token
 * (with its life in seconds) or a code. That duplicated callback parameters are rejected is tested with the callback.
 */

interface Subject {
  readonly settings: (origin: string) => object;
  readonly secret: ClientSecret;
  /** The grant that sends most, of those it has. */
  readonly grant: TokenGrant;
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const secret: ClientSecret = { kind: 'client_secret', value: 'very-secret' };
const refresh: TokenGrant = { type: 'refresh_token', refreshToken: 'r' };

const subjects: Record<string, Subject> = {
  'vonage-network': {
    settings: () => ({}),
    secret: { kind: 'private_key', value: pem },
    grant: { type: 'ciba', authReqId: 'q' },
  },
  'vonage-business': { settings: () => ({}), secret, grant: refresh },
  'net2phone-canada': { settings: () => ({}), secret, grant: refresh },
  'vonage-contact-center': {
    settings: () => ({ region: 'emea' }),
    secret,
    grant: { type: 'client_credentials' },
  },
  'generic-oauth2': {
    settings: (origin) => ({ token_endpoint: `${origin}/token` }),
    secret,
    grant: refresh,
  },
};
const ids = Object.keys(subjects);

const good = { access_token: 'tok', token_type: 'Bearer', expires_in: 120 };
const json = (body: object, status = 200) => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});
const text = (type: string, body: string, status = 200) => ({ status, type, body });
const html = '<html><body>Sign in, access_token=tok</body></html>';

/** One cell for all, or those that differ beside `others`. */
type Cells = string | ({ readonly others: string } & Partial<Record<string, string>>);
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly location?: string;
  readonly delayMs?: number;
}

const rows: [trap: string, answer: Answer, cells: Cells][] = [
  ['expires_in a string', json({ ...good, expires_in: '120' }), 'token 120 s'],
  ['expires_in a float', json({ ...good, expires_in: 120.9 }), 'token 120 s'],
  ['expires_in negative', json({ ...good, expires_in: -5 }), assumed()],
  ['expires_in huge', json({ ...good, expires_in: 2 ** 63 }), 'token 31536000 s'],
  ['expires_in no number', json({ ...good, expires_in: 'soon' }), assumed()],
  ['expires_in missing', json({ ...good, expires_in: undefined }), assumed()],
  ['token_type in another case', json({ ...good, token_type: 'bEARER' }), 'token 120 s'],
  ['token_type missing', json({ ...good, token_type: undefined }), 'malformed_response'],
  ['token_type of another kind', json({ ...good, token_type: 'DPoP' }), 'malformed_response'],
  ['an error in a 200', json({ error: 'invalid_grant' }), 'invalid_grant'],
  ['an error beside a token', json({ ...good, error: 'invalid_scope' }), 'invalid_scope'],
  ['HTML in a 200', text('text/html', html), 'malformed_response'],
  ['HTML in a 200 that says JSON', text('application/json', html), 'malformed_response'],
  ['HTML in a 502', text('text/html', html, 502), 'server_error'],
  ['a token in a 502', json(good, 502), 'server_error'],
  ['invalid_grant in a 500', json({ error: 'invalid_grant' }, 500), 'server_error'],
  [
    'problem+json',
    text('application/problem+json', '{"type":"about:blank","title":"Bad","detail":"no"}', 400),
    'invalid_request',
  ],
  ['JSON as text/plain', text('text/plain', JSON.stringify(good)), 'token 120 s'],
  [
    'a truncated body',
    text('application/json', '{"access_token":"tok","token_type":"Bea'),
    'malformed_response',
  ],
  ['a huge body', json({ ...good, padding: 'x'.repeat(70_000) }), 'response_too_large'],
  ['an empty body', text('', ''), 'malformed_response'],
  ['a redirect (302)', { ...json(good, 302), location: '/elsewhere' }, 'redirect_refused'],
  ['a redirect (307)', { ...json(good, 307), location: '/elsewhere' }, 'redirect_refused'],
  ['no refresh_token', json(good), 'token 120 s'],
  ['a refresh_token', json({ ...good, refresh_token: 'r2' }), 'token 120 s, refresh r2'],
  ['a refresh_token that is none', json({ ...good, refresh_token: 7 }), 'malformed_response'],
  ['a narrower scope', json({ ...good, scope: 'a' }), 'token 120 s, scope a'],
  ['a slow answer', { ...json(good), delayMs: 300 }, 'token 120 s'],
  ['an end as a naive date', json({ ...good, expires: '2016-11-11T16:05:10.301803' }), 'token 120 s'],
  ['invalid_client', json({ error: 'invalid_client' }, 401), 'invalid_client'],
  ['401 without words', text('', '', 401), 'invalid_client'],
  ['429', json({ error: 'invalid_grant' }, 429), 'rate_limited'],
  ['503', text('', '', 503), { others: 'temporarily_unavailable', 'vonage-business': 'server_error' }],
];

/** The lifetime each provider documents, where it documents one. */
function assumed(): Cells {
  return {
    others: '',
    'vonage-network': 'token 29 s',
    'vonage-business': 'token 86400 s',
    'net2phone-canada': 'token 3599 s',
    'vonage-contact-center': 'token 300 s',
    'generic-oauth2': 'malformed_response',
  };
}

describe('traps', () => {
  let registry: ProviderRegistry;
  let origin = '';
  let answer: Answer = json(good);
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status, type, body, location, delayMs = 0 } = answer;
    const headers = { ...(type && { 'content-type': type }), ...(location && { location }) };
    request.resume().on('end', () => {
      setTimeout(() => response.writeHead(status, headers).end(body), delayMs);
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const providerEndpoints = Object.fromEntries(ids.map((id) => [id, origin]));
    const app = await Test.createTestingModule({
      imports: [
        EgressModule.forRootAsync({
          useFactory: () => ({ upstreamTimeoutMs: 10_000, providerEndpoints, egressAllow: [] }),
        }),
        ProviderCatalogModule,
      ],
    }).compile();
    registry = app.get<ProviderRegistry>(PROVIDER_REGISTRY);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** One call, and its end as a cell. */
  async function cellOf(id: string): Promise<string> {
    const { grant, settings, secret: clientSecret } = subjects[id] ?? raise(id);
    const provider = registry.get(id);
    const parsed = provider.descriptor.settingsSchema.parse(settings(origin));
    const client = { clientId: 'me', secret: clientSecret, settings: parsed };
    try {
      const response = await provider.sendTokenRequest(client, grant, soon());
      const outcome = provider.readTokenResponse(response, { grant: grant.type, client });
      if (outcome.kind === 'pending') return 'pending';
      if (outcome.kind !== 'tokens') return outcome.failure.code;
      const { tokens } = outcome;
      expect(tokens.accessToken).toBe('tok');
      return [
        `token ${tokens.expiresInSeconds} s`,
        ...(tokens.refreshToken === undefined ? [] : [`refresh ${tokens.refreshToken}`]),
        ...(tokens.scope === undefined ? [] : [`scope ${tokens.scope}`]),
      ].join(', ');
    } catch (error) {
      if (error instanceof UpstreamError) return error.code;
      throw error;
    }
  }

  it('are tried with every provider there is', () => {
    const known = registry.list().map(({ descriptor }) => descriptor.id);
    expect(known.toSorted()).toEqual(ids.toSorted());
  });

  for (const [trap, reply, cells] of rows) {
    describe(trap, () => {
      it.each(ids.map((id) => [id, typeof cells === 'string' ? cells : (cells[id] ?? cells.others)]))(
        '%s: %s',
        async (id, cell) => {
          answer = reply;
          asked.length = 0;
          expect(await cellOf(id)).toBe(cell);
          // Never again, and never elsewhere.
          expect(asked).toHaveLength(1);
          expect(asked[0]).not.toBe('/elsewhere');
        },
      );
    });
  }

  it.each(ids)('%s is sent no grant that it does not list', async (id) => {
    const { settings, secret: clientSecret } = subjects[id] ?? raise(id);
    const provider = registry.get(id);
    const { grants, settingsSchema } = provider.descriptor;
    const client = { clientId: 'me', secret: clientSecret, settings: settingsSchema.parse(settings(origin)) };
    // A refresh token is the child of a grant that is listed, but never of client credentials.
    const bringsRefreshTokens = grants.some((grant) => grant !== 'client_credentials');
    const others = ['made_up', ...grantTypes].filter(
      (type) => !grants.some((grant) => grant === type) && !(bringsRefreshTokens && type === 'refresh_token'),
    );
    asked.length = 0;
    for (const type of others) {
      const grant = { type, username: 'u', password: 'p', authReqId: 'q', refreshToken: 'r' } as TokenGrant;
      const sent = provider.sendTokenRequest(client, grant, soon());
      await expect(sent).rejects.toMatchObject({ code: 'unsupported_grant_type', requestSent: false });
    }
    expect(asked).toEqual([]);
  });

  it('invalid_client never costs the grant', () => {
    expect(failureCodes.invalid_client.class).toBe('configuration');
  });

  it('only what a cell calls a token is one', () => {
    const cells = rows.flatMap(([, , cell]) => (typeof cell === 'string' ? [cell] : Object.values(cell)));
    for (const cell of cells) {
      if (cell && !cell.startsWith('token ')) expect(Object.keys(failureCodes)).toContain(cell);
    }
  });
});

function raise(id: string): never {
  throw new Error(`No subject for ${id}.`);
}
