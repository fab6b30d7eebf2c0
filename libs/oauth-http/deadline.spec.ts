import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '#provider-kit';
import {
  eventually,
  type Loopback,
  Stopwatch,
  serve,
  serveRaw,
  tokenEndpointClient,
  upstreamErrorOf,
  within,
} from '#testing';

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const opened of open.splice(0)) await opened.close();
});

async function up(server: Promise<Loopback>): Promise<Loopback> {
  const loopback = await server;
  open.push(loopback);
  return loopback;
}

const form = { refresh_token: 'r' };
/** The deadline, and the half second in which a process that was paused still reads an answer, and leeway. */
const boundMs = 1_000;

/** Ends a call that may take 200 ms, and measures it. */
async function timed(url: string, options: Parameters<typeof tokenEndpointClient>[0] = {}) {
  const client = tokenEndpointClient(options);
  using watch = new Stopwatch();
  const error = await upstreamErrorOf(client.post({ providerId: 'p', url, form }, within(200)));
  client.close();
  return { error, tookMs: watch.elapsedMs(), pausedMs: watch.pausedMs() };
}

/** One that was sent: a pause of the machine may end a call before that. */
async function timedOnceSent(url: string) {
  for (let attempt = 1; ; attempt += 1) {
    const call = await timed(url);
    if (call.error.requestSent || call.pausedMs === 0 || attempt === 5) return call;
  }
}

describe('the deadline', () => {
  it('ends a server that says nothing', async () => {
    const server = await up(serveRaw(() => undefined));
    const { error, tookMs, pausedMs } = await timedOnceSent(server.origin);
    expect(error).toMatchObject({ code: 'upstream_timeout', class: 'unknown', requestSent: true });
    expect(tookMs + pausedMs).toBeGreaterThan(150);
    expect(tookMs).toBeLessThan(boundMs);
  });

  it('ends a body that drips', async () => {
    let closed = false;
    const server = await up(
      serve((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => {
          closed = true;
          clearInterval(drip);
        });
      }),
    );
    const { error, tookMs } = await timedOnceSent(server.origin);
    expect(error).toMatchObject({ code: 'upstream_timeout', requestSent: true });
    expect(tookMs).toBeLessThan(boundMs);
    await eventually(() => expect(closed).toBe(true));
  });

  it('ends a TLS handshake that does not begin, with nothing sent', async () => {
    const server = await up(serveRaw(() => undefined));
    const { error } = await timed(server.origin.replace('http:', 'https:'));
    expect(error).toMatchObject({ code: 'upstream_timeout', class: 'transient', requestSent: false });
    expect(server.wire()).not.toContain('refresh_token');
  });

  it('ends a name that does not resolve, with nothing sent', async () => {
    const { error, tookMs } = await timed('https://idp.example/', { lookup: () => undefined });
    expect(error).toMatchObject({ code: 'upstream_timeout', requestSent: false });
    expect(tookMs).toBeLessThan(boundMs);
  });

  it('is bounded by the upstream timeout, whatever the caller allows', async () => {
    const server = await up(serveRaw(() => undefined));
    const client = tokenEndpointClient({ upstreamTimeoutMs: 100 });
    using watch = new Stopwatch();
    const error = await upstreamErrorOf(
      client.post({ providerId: 'p', url: server.origin, form }, within(60_000)),
    );
    expect(error.code).toBe('upstream_timeout');
    expect(watch.elapsedMs()).toBeLessThan(boundMs);
  });

  it('opens nothing when it has passed before', async () => {
    const server = await up(serve((_request, response) => response.end('{}')));
    const error = await upstreamErrorOf(
      tokenEndpointClient().post({ providerId: 'p', url: server.origin, form }, within(-1)),
    );
    expect(error).toMatchObject({ code: 'upstream_timeout', requestSent: false });
    expect(server.connections()).toBe(0);
  });

  it('is asked of the clock before the write, on new sockets and on kept ones', async () => {
    let skewMs = 0;
    const clock: Clock = { now: () => new Date(), monotonicMs: () => systemClock.monotonicMs() + skewMs };
    const server = await up(serve((_request, response) => response.end('{}')));
    // The event loop stalls while the name is resolved: the timer has not fired, but the time is over.
    let stall = true;
    const lookup: LookupFunction = (_hostname, options, callback) => {
      if (stall) skewMs += 3_600_000;
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    };
    const client = tokenEndpointClient({ clock, lookup, egressAllow: ['http://idp.test:*'] });
    const url = `http://idp.test:${server.port}/`;
    const late = await upstreamErrorOf(
      client.post({ providerId: 'p', url, form }, { deadlineMonotonicMs: clock.monotonicMs() + 5_000 }),
    );
    expect(late).toMatchObject({ code: 'upstream_timeout', class: 'transient', requestSent: false });
    expect(server.wire()).toBe('');

    stall = false;
    const call = () => ({ deadlineMonotonicMs: clock.monotonicMs() + 5_000 });
    await client.post({ providerId: 'p', url, form, repeatable: true }, call());
    const sent = server.wire();
    const soon = client.post({ providerId: 'p', url, form, repeatable: true }, call());
    skewMs += 3_600_000;
    const kept = await upstreamErrorOf(soon);
    expect(kept).toMatchObject({ code: 'upstream_timeout', requestSent: false });
    expect(server.wire()).toBe(sent);
    client.close();
  });
});
