import type http from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '#provider-kit';
import { type Loopback, Stopwatch, serve, tokenEndpointClient, upstreamErrorOf, within } from '#testing';
import { IssuerMetadataClient } from './issuer-metadata.client.js';

let server: Loopback | undefined;
afterEach(async () => server?.close());

let skewMs = 0;
const clock: Clock = { now: () => new Date(), monotonicMs: () => systemClock.monotonicMs() + skewMs };
const soon = () => ({ deadlineMonotonicMs: clock.monotonicMs() + 2_000 });

async function issuing(documents: (origin: string) => Record<string, unknown>) {
  const asked: string[] = [];
  const state = { documents, down: false, hangs: false };
  const handler: http.RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    const found = state.documents(server?.origin ?? '')[request.url ?? ''];
    if (state.hangs) return;
    if (state.down) response.writeHead(500).end();
    else if (found === undefined) response.writeHead(404).end();
    else response.end(typeof found === 'string' ? found : JSON.stringify(found));
  };
  server = await serve(handler);
  const options = {
    upstreamTimeoutMs: 2_000,
    providerEndpoints: {},
    egressAllow: ['http://127.0.0.1:*'],
    clock,
  };
  return {
    asked,
    state,
    origin: server.origin,
    discovery: new IssuerMetadataClient(tokenEndpointClient(options)),
  };
}

describe('discovery', () => {
  it('asks RFC 8414 first, OpenID Connect second, and remembers', async () => {
    const { asked, origin, discovery } = await issuing((at) => ({
      '/tenant/.well-known/openid-configuration': { issuer: `${at}/tenant`, token_endpoint: `${at}/t` },
    }));
    for (let i = 0; i < 2; i += 1) {
      const metadata = await discovery.discover('p', `${origin}/tenant`, soon());
      expect(metadata.endpoint('token_endpoint')).toBe(`${origin}/t`);
    }
    expect(asked).toEqual([
      '/.well-known/oauth-authorization-server/tenant',
      '/tenant/.well-known/openid-configuration',
    ]);
  });

  it('does not believe a document about another issuer, a slash apart', async () => {
    const { origin, discovery } = await issuing((at) => ({
      '/.well-known/oauth-authorization-server': { issuer: `${at}/`, token_endpoint: `${at}/t` },
    }));
    const error = await upstreamErrorOf(discovery.discover('p', origin, soon()));
    expect(error).toMatchObject({ code: 'discovery_failed', class: 'transient', requestSent: false });
    expect(error).toMatchObject({
      member: 'issuer',
      message: expect.stringContaining(`${origin}/, not ${origin}.`),
    });
    await expect(discovery.discover('p', `${origin}/`, soon())).resolves.toBeDefined();
  });

  it.each(['<html>', '[]', '{"token_endpoint":"x"}'])('does not believe %s', async (document) => {
    const { origin, discovery } = await issuing(() => ({ '/.well-known/openid-configuration': document }));
    expect((await upstreamErrorOf(discovery.discover('p', origin, soon()))).code).toBe('discovery_failed');
  });

  it('reads again after ten minutes, and lives on what it knows when it cannot', async () => {
    const { asked, origin, state, discovery } = await issuing((at) => ({
      '/.well-known/oauth-authorization-server': { issuer: at, token_endpoint: `${at}/t` },
    }));
    await discovery.discover('p', origin, soon());
    skewMs += 601_000;
    state.down = true;
    await expect(discovery.discover('p', origin, soon())).resolves.toBeDefined();
    expect(asked.length).toBeGreaterThan(1);
    skewMs += 61_000;
    state.down = false;
    state.documents = (at) => ({
      '/.well-known/oauth-authorization-server': { issuer: at, token_endpoint: `${at}/moved` },
    });
    const moved = await discovery.discover('p', origin, soon());
    expect(moved.endpoint('token_endpoint')).toBe(`${origin}/moved`);
  });

  it('leaves the call its time when the document does not come, and does not wait for it again at once', async () => {
    const { asked, origin, state, discovery } = await issuing((at) => ({
      '/.well-known/oauth-authorization-server': { issuer: at, token_endpoint: `${at}/t` },
    }));
    await discovery.discover('p', origin, soon());
    skewMs += 601_000;
    state.hangs = true;
    using watch = new Stopwatch();
    const call = soon();
    await expect(discovery.discover('p', origin, call)).resolves.toBeDefined();
    expect(call.deadlineMonotonicMs - clock.monotonicMs() + watch.pausedMs()).toBeGreaterThan(700);
    const before = asked.length;
    await expect(discovery.discover('p', origin, soon())).resolves.toBeDefined();
    expect(asked.length).toBe(before);
  });

  it.each([
    [
      'redirects to a login page',
      (response: http.ServerResponse) => response.writeHead(302, { location: '/login' }).end(),
    ],
    ['hangs', () => undefined],
    ['is a page', (response: http.ServerResponse) => response.end('<html>sign in</html>')],
    ['is broken', (response: http.ServerResponse) => response.writeHead(500).end()],
  ])('goes on to the next document when the first one %s', async (_case, first) => {
    server = await serve((request, response) => {
      if (request.url?.startsWith('/.well-known/oauth-authorization-server')) first(response);
      else response.end(JSON.stringify({ issuer: server?.origin, token_endpoint: `${server?.origin}/t` }));
    });
    const options = { upstreamTimeoutMs: 2_000, providerEndpoints: {}, egressAllow: ['http://127.0.0.1:*'] };
    const discovery = new IssuerMetadataClient(tokenEndpointClient(options));
    const metadata = await discovery.discover('p', server.origin, within(2_000));
    expect(metadata.endpoint('token_endpoint')).toBe(`${server.origin}/t`);
  });

  it('looks only at what is needed, and names what is wrong with that', async () => {
    const { origin, discovery } = await issuing((at) => ({
      '/.well-known/oauth-authorization-server': {
        issuer: at,
        token_endpoint: `${at}/t`,
        revocation_endpoint: null,
        introspection_endpoint: 'nowhere',
        userinfo_endpoint: 7,
      },
    }));
    const metadata = await discovery.discover('p', origin, soon());
    expect(metadata.endpoint('token_endpoint')).toBe(`${origin}/t`);
    expect(metadata.endpoint('revocation_endpoint')).toBeUndefined();
    for (const name of ['introspection_endpoint', 'userinfo_endpoint'] as const) {
      expect(() => metadata.endpoint(name)).toThrow(
        `${name} in ${origin}/.well-known/oauth-authorization-server`,
      );
    }
  });

  it('never counts as sent', async () => {
    server = await serve((request) => request.socket.destroy());
    const options = { upstreamTimeoutMs: 500, providerEndpoints: {}, egressAllow: [] };
    const dropping = { ...options, egressAllow: ['http://127.0.0.1:*'] };
    for (const each of [options, dropping]) {
      const discovery = new IssuerMetadataClient(tokenEndpointClient(each));
      const error = await upstreamErrorOf(discovery.discover('p', server.origin, within(500)));
      expect(error).toMatchObject({
        code: each === options ? 'egress_refused' : 'discovery_failed',
        requestSent: false,
      });
    }
  });
});
