import { createSocket, type Socket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { guardedHttpClient, Stopwatch, serve, tokenEndpointClient, upstreamErrorOf, within } from '#testing';
import { dnsLookup } from './name-resolution.js';

describe('the resolution of public names', () => {
  let server: Socket;
  let servers: readonly string[];

  beforeAll(async () => {
    server = createSocket('udp4');
    server.on('message', (query, from) => {
      const name = nameIn(query);
      if (!name.startsWith('silent')) server.send(answerTo(query, name), from.port, from.address);
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    servers = [`127.0.0.1:${server.address().port}`];
  });
  afterAll(() => {
    server.close();
  });

  const resolve = (name: string) =>
    new Promise<unknown>((found) => {
      dnsLookup(servers)(name, { all: true }, (error, addresses) => found(error ? error.code : addresses));
    });

  it('finds the addresses there are', async () => {
    expect(await resolve('idp.example')).toEqual([{ address: '192.0.2.7', family: 4 }]);
    expect(await resolve('nowhere.example')).toMatch(/^E[A-Z]+$/);
  });

  it('keeps nobody waiting for names whose servers say nothing, and gives those up', async () => {
    const silent = Array.from({ length: 64 }, (_, n) => resolve(`silent${n}.example`));
    using watch = new Stopwatch();
    expect(await resolve('idp.example')).toHaveLength(1);
    expect(watch.elapsedMs()).toBeLessThan(1_000);
    for (const code of await Promise.all(silent)) expect(code).toBe('ETIMEOUT');
    expect(watch.elapsedMs()).toBeLessThan(9_000);
  });
});

describe('whom a call asks for the address of a name', () => {
  const askedOfDns: string[] = [];
  beforeEach(() => {
    askedOfDns.length = 0;
    const { prototype } = dns.promises.Resolver;
    // An address that a guarded call may not go to: the answer shows whose it is.
    jest.spyOn(prototype, 'resolve4').mockImplementation(async (name: string) => {
      askedOfDns.push(name);
      return ['10.0.0.1'] as never;
    });
    jest.spyOn(prototype, 'resolve6').mockImplementation(async () => []);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const options = { upstreamTimeoutMs: 5_000, providerEndpoints: {}, egressAllow: ['http://localhost:*'] };
  const guarded = guardedHttpClient(options);
  const provider = tokenEndpointClient(options);
  const clients = {
    'of tenants': (url: string) => guarded.post({ url, headers: {}, body: '' }, within(5_000)),
    'of providers': (url: string) => provider.post({ providerId: 'p', url, form: {} }, within(5_000)),
  };

  it.each(Object.entries(clients))('DNS itself, for the addresses %s', async (_whose, post) => {
    const error = await upstreamErrorOf(post('https://nobody-has-it.invalid/'));
    expect(error.code).toBe('egress_refused');
    expect(askedOfDns).toEqual(['nobody-has-it.invalid']);
  });

  it.each(Object.entries(clients))(
    'the system, for what an operator has listed among those %s',
    async (_whose, post) => {
      const server = await serve((_request, response) => response.end('{}'));
      const answer = await post(server.origin.replace('127.0.0.1', 'localhost')).finally(server.close);
      expect(answer).toMatchObject({ status: 200 });
      expect(askedOfDns).toEqual([]);
    },
  );
});

/** RFC 1035 §4.1.2: labels, each behind its length, begin at the thirteenth byte. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; ; ) {
    const length = query[at] ?? 0;
    if (length === 0) return labels.join('.');
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
}

/** One A record for `idp`, an empty answer where it is asked for AAAA, and no such name for anybody else. */
function answerTo(query: Buffer, name: string): Buffer {
  const questionEnd = 12 + name.length + 2 + 4;
  const head = Buffer.from(query.subarray(0, questionEnd));
  const known = name === 'idp.example';
  const wantsV4 = query.readUInt16BE(questionEnd - 4) === 1;
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(known && wantsV4 ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (!known || !wantsV4) return head;
  return Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7])]);
}
