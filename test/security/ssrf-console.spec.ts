import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { systemClock } from '#provider-kit';
import { guardedHttpClient } from '#testing';
import { IssuerClient } from '../../libs/access/sso/issuer-client.js';
import { IssuerTransport } from '../../libs/access/sso/issuer-transport.js';
import { scaled } from '../support/scale.js';
import { type Canary, startCanary } from './canary.js';
import { forbiddenAddresses } from './forbidden-addresses.js';
import { inTurn, pairs } from './outgoing.js';

/** The operator has written the issuer alone: what its metadata names obeys the rules of every other address. */
const called = ['token_endpoint', 'jwks_uri', 'userinfo_endpoint'];
const redirects = [301, 302, 303, 307, 308];
const redirectUri = 'https://console.example/console/sso/callback';
const flow = {
  ...{ state: 'a-state', nonce: 'a-nonce', verifier: 'v'.repeat(43), returnTo: '/console' },
  ...{ tenant: null, again: false, before: null },
};

let server: Server;
let origin: string;
let canary: Canary;
let arrived: string[] = [];
let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let jwk: JWK;
/** The bad addresses that the metadata of an issuer names, by the path of the issuer. */
const named = new Map<string, Readonly<Record<string, string>>>();

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };
  canary = await startCanary();
  server = createServer(async ({ url = '' }, response) => {
    arrived.push(url);
    const [, status] = /^\/redirect\/(\d+)/.exec(url) ?? [];
    if (status)
      return void response.writeHead(Number(status), { location: `http://127.0.0.1:${canary.port}/` }).end();
    const body = await answerTo(url);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  canary.close();
  server.closeAllConnections();
  server.close();
});

async function answerTo(url: string): Promise<object> {
  const [, path = '', what] = /^(\/i\/\d+)\/(.*)$/.exec(url) ?? [];
  const issuer = origin + path;
  if (what === 'jwks') return { keys: [jwk] };
  if (what === 'userinfo') return { sub: 'ada' };
  if (what === 'token') {
    const id_token = await new SignJWT({ nonce: flow.nonce })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience('console')
      .setSubject('ada')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key);
    return { access_token: 'an-access-token', token_type: 'Bearer', id_token };
  }
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    id_token_signing_alg_values_supported: ['ES256'],
    ...named.get(path),
  };
}

/** A whole sign-in at an issuer whose metadata names these addresses. @returns who came in, or why nobody did */
async function signIn(metadata: Readonly<Record<string, string>>, egressAllow: string[] = []) {
  const path = `/i/${named.size}`;
  named.set(path, metadata);
  const issuer = origin + path;
  const http = guardedHttpClient({ egressAllow });
  const settings = {
    ...{ issuer, clientId: 'console', clientSecret: 'a-secret', scopes: 'openid', administrators: [] },
  };
  const clock = systemClock;
  const client = new IssuerClient(settings, new IssuerTransport(http, clock, issuer, 5_000), clock);
  const callback = new URL(`${redirectUri}?code=c&state=${flow.state}`);
  try {
    const claims = await client.exchange(flow, callback).catch((error: Error) => error);
    const leaving = await client.endSessionUrl('https://console.example/console');
    const going = await client.authorizationUrl(flow, redirectUri).catch(() => undefined);
    return { claims, leaving, going };
  } finally {
    http.close();
  }
}

describe('the metadata of the issuer of the console', () => {
  it('leads to addresses at its own origin, and to others that are allowed', async () => {
    expect(await signIn({})).toMatchObject({ claims: { sub: 'ada' }, leaving: undefined });
    const port = (server.address() as AddressInfo).port;
    const elsewhere = `http://localhost:${port}/i/0`;
    for (const [name, path] of [
      ['token_endpoint', 'token'],
      ['jwks_uri', 'jwks'],
      ['userinfo_endpoint', 'userinfo'],
    ] as const) {
      const there = { [name]: `${elsewhere}/${path}` };
      arrived = [];
      expect((await signIn(there)).claims).toBeInstanceOf(Error);
      expect(arrived).not.toContain(`/i/0/${path}`);
      await signIn(there, [`http://localhost:${port}`]);
      expect(arrived).toContain(`/i/0/${path}`);
    }
  });

  it('leads to nothing that is not public, however it is spelled', async () => {
    const addresses = forbiddenAddresses(canary.port).filter((_, at) => at % scaled(4, 1) === 0);
    const tried = pairs(called, addresses);
    await inTurn(tried, async ([name, address]) => {
      expect({ address, claims: (await signIn({ [name]: address })).claims }).toEqual({
        address,
        claims: expect.any(Error),
      });
    });
    process.stdout.write(`the console's issuer: ${tried.length} sign-ins, ${canary.hits} hits\n`);
    expect(canary.hits).toBe(0);
  });

  it('is followed nowhere by a redirect', async () => {
    arrived = [];
    const tried = pairs(
      called,
      redirects.map((status) => `${origin}/redirect/${status}`),
    );
    await inTurn(tried, async ([name, address]) => {
      expect((await signIn({ [name]: address })).claims).toBeInstanceOf(Error);
    });
    expect(arrived.filter((url) => url.startsWith('/redirect/'))).toHaveLength(tried.length);
    expect(canary.hits).toBe(0);
  });

  it('sends a browser to web pages alone, and a person who signs out is never held up by it', async () => {
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'no address']) {
      const { leaving } = await signIn({ end_session_endpoint: address });
      expect({ address, leaving }).toEqual({ address, leaving: undefined });
      const { going } = await signIn({ authorization_endpoint: address });
      expect({ address, going }).toEqual({ address, going: undefined });
    }
    const { leaving } = await signIn({ end_session_endpoint: `${origin}/bye` });
    expect(leaving).toMatch(`${origin}/bye?post_logout_redirect_uri=`);
  });
});
