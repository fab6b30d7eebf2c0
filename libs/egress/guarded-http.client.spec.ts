import { afterEach, describe, expect, it } from '@jest/globals';
import {
  guardedHttpClient,
  type Loopback,
  Stopwatch,
  serve,
  serveRaw,
  upstreamErrorOf,
  within,
} from '#testing';
import { GuardedHttpAgent, GuardedHttpsAgent } from './guarded-agent.js';

const message = { headers: { 'content-type': 'application/json' }, body: ' {"a": "ü"} ' };

describe('posting to an address that a tenant named', () => {
  const client = guardedHttpClient({ upstreamTimeoutMs: 100 });
  let server: Loopback;
  afterEach(() => server.close());

  it('sends the very bytes, and reports status and Retry-After', async () => {
    const bodies: string[] = [];
    server = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () => response.writeHead(503, { 'retry-after': '7' }).end('nobody reads this'));
    });
    expect(await client.post({ url: `${server.origin}/x?y=1`, ...message }, within(2_000))).toEqual({
      status: 503,
      retryAfterSeconds: 7,
    });
    expect(bodies.join('')).toBe(message.body);
    expect(server.wire()).toMatch(/^POST \/x\?y=1 HTTP\/1\.1\r\n/);
  });

  it('follows no redirect', async () => {
    server = await serve((_request, response) => response.writeHead(307, { location: '/other' }).end());
    expect(await client.post({ url: server.origin, ...message }, within(2_000))).toMatchObject({
      status: 307,
    });
    expect(server.connections()).toBe(1);
    expect(server.wire()).not.toContain('/other');
  });

  it('takes the status for an answer, whether the body is endless, drips or breaks off', async () => {
    const chunk = Buffer.alloc(64 * 1_024);
    server = await serve((request, response) => {
      response.on('error', () => undefined);
      response.writeHead(200, request.url === '/broken' ? { 'content-length': '1000' } : {});
      const endless = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', endless);
      };
      if (request.url === '/endless') endless();
      else if (request.url === '/broken') response.write('a', () => request.socket.destroy());
      else response.write('a');
    });
    for (const path of ['/endless', '/broken', '/drips']) {
      using watch = new Stopwatch();
      expect(await client.post({ url: server.origin + path, ...message }, within(700))).toMatchObject({
        status: 200,
      });
      expect(watch.elapsedMs()).toBeLessThan(2_500);
    }
  });

  it('waits no longer than it may', async () => {
    server = await serveRaw(() => undefined);
    using watch = new Stopwatch();
    const error = await upstreamErrorOf(client.post({ url: server.origin, ...message }, within(500)));
    expect(error.code).toBe('upstream_timeout');
    expect(watch.elapsedMs()).toBeLessThan(2_500);
  });

  it('uses no proxy', async () => {
    server = await serve((_request, response) => response.end());
    process.env['http_proxy'] = 'http://127.0.0.1:9';
    try {
      expect(await client.post({ url: server.origin, ...message }, within(2_000))).toMatchObject({
        status: 200,
      });
    } finally {
      delete process.env['http_proxy'];
    }
  });

  it('refuses what is not public, and what no operator has listed', async () => {
    server = await serve((_request, response) => response.end());
    const guarded = guardedHttpClient({
      egressAllow: [],
      lookup: (_name, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]),
    });
    for (const url of [server.origin, 'https://127.0.0.1:9/', 'https://inside.example/', 'not a url']) {
      const error = await upstreamErrorOf(guarded.post({ url, ...message }, within(2_000)));
      expect([url, error.code]).toEqual([url, 'egress_refused']);
    }
    expect(server.connections()).toBe(0);
  });
});

describe('what may be named', () => {
  it.each([
    ['https://receiver.example/hook', true],
    ['https://1.1.1.1/hook', true],
    ['http://127.0.0.1:8080/hook', true],
    ['http://receiver.example/hook', false],
    ['https://127.0.0.1/hook', false],
    ['https://2130706433/hook', false],
    ['https://[fd00::1]/hook', false],
    ['https://[2606:4700::1111]/hook', true],
    ['https://user@receiver.example/hook', false],
    ['file:///etc/passwd', false],
    ['', false],
  ])('%s: %s', (url, allowed) => {
    expect(guardedHttpClient({ egressAllow: ['http://127.0.0.1:*'] }).allows(url)).toBe(allowed);
  });
});

it.each([GuardedHttpAgent, GuardedHttpsAgent])(
  '%p gives no socket of an exempt call to a guarded one',
  (Agent) => {
    const agent = new Agent({ keepAlive: true });
    const name = (guarded: boolean) =>
      agent.getName({ host: 'idp.example', port: 443, demand: { guarded } as never });
    expect(name(true)).toBe(name(true));
    expect(name(true)).not.toBe(name(false));
  },
);
