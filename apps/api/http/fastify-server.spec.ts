import dns from 'node:dns';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { fastifyServer } from './fastify-server.js';
import { RouteTable } from './route-table.js';
import { trustedProxies } from './trusted-proxies.js';

const families = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const asked = (...proxies: string[]) => ({
  shortcut: { readsBodyOf: () => false, answer: () => false },
  isTrustedProxy: trustedProxies(proxies),
  authenticate: async () => undefined,
  writesAccessLog: () => false,
  headersOfEveryAnswer: () => ({}),
});
const hasBoth = Object.values(networkInterfaces()).some((of) => of?.some(({ address }) => address === '::1'));

type Lookup = (
  name: string,
  options: object,
  done: (error: null, addresses: typeof families) => void,
) => void;

describe('the HTTP server', () => {
  let server: FastifyInstance;

  afterEach(async () => {
    await server.close();
    jest.restoreAllMocks();
  });

  (hasBoth ? it : it.skip)('can be reached at both addresses of `localhost`', async () => {
    const lookup = dns.lookup as Lookup;
    const both: Lookup = (name, options, done) =>
      name === 'localhost' ? done(null, families) : lookup(name, options, done);
    jest.spyOn(dns, 'lookup').mockImplementation(both as typeof dns.lookup);
    server = fastifyServer(new RouteTable(), asked());
    server.get('/', () => 'here');
    await server.listen({ port: 0, host: 'localhost' });
    const { port } = server.server.address() as AddressInfo;
    for (const host of ['127.0.0.1', '[::1]']) {
      expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here');
    }
  });

  it.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: x\r\n'],
    ['body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
  ])('ends a request whose %s do not come, 30 seconds after its beginning', async (_, text) => {
    server = fastifyServer(new RouteTable(), asked());
    expect(server.server.requestTimeout).toBe(30_000);
    await server.close();
    server = fastifyServer(new RouteTable(), asked(), 100);
    server.post('/', () => 'here');
    await server.listen({ port: 0, host: '127.0.0.1' });
    const { port } = server.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    for await (const data of socket) answer += data;
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
  });

  it.each([
    [[], '127.0.0.1'],
    [['127.0.0.0/8'], '198.51.100.7'],
    [['::1', '127.0.0.1', '198.51.100.0/24'], '203.0.113.9'],
    [['10.0.0.0/8'], '127.0.0.1'],
  ])('behind %j, believes that the caller is %s', async (proxies, address) => {
    server = fastifyServer(new RouteTable(), asked(...proxies));
    server.get('/', ({ ip }) => ip);
    const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
    expect((await server.inject({ url: '/', headers })).body).toBe(address);
  });
});
