import https from 'node:https';
import type { LookupFunction } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Loopback, listen, serve, tokenEndpointClient, upstreamErrorOf, within } from '#testing';
import { selfSigned } from '../../test/support/self-signed.js';

const form = { grant_type: 'client_credentials' };
const answering = (...addresses: string[]): LookupFunction => {
  return (_hostname, options, callback) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address ?? '', all[0]?.family);
  };
};

describe('https to public addresses only', () => {
  it.each([
    'http://idp.example/',
    'http://127.0.0.1:9/',
    'https://127.0.0.1:9/',
    'https://2130706433:9/',
    'https://0x7f.1:9/',
    'https://[::1]:9/',
    'https://[::ffff:127.0.0.1]:9/',
    'https://[fd00::1]:9/',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://0.0.0.0/',
    'https://user:pass@idp.example/',
    'file:///etc/passwd',
    'not a url',
  ])('refuses %s', async (url) => {
    const client = tokenEndpointClient({ egressAllow: [], lookup: answering('1.1.1.1') });
    const error = await upstreamErrorOf(client.post({ providerId: 'p', url, form }, within(1_000)));
    expect(error).toMatchObject({ code: 'egress_refused', class: 'configuration', requestSent: false });
  });

  it.each([['127.0.0.1'], ['::1'], ['1.1.1.1', '10.0.0.1'], ['::ffff:7f00:1']])(
    'refuses a name that resolves to %s %s',
    async (...addresses) => {
      const client = tokenEndpointClient({ egressAllow: [], lookup: answering(...addresses) });
      const error = await upstreamErrorOf(
        client.post({ providerId: 'p', url: 'https://idp.example/', form }, within(1_000)),
      );
      expect(error).toMatchObject({ code: 'egress_refused', requestSent: false });
    },
  );

  it('asks nobody for the address of the machine itself', async () => {
    const error = await upstreamErrorOf(
      tokenEndpointClient({ egressAllow: [] }).post(
        { providerId: 'p', url: 'https://localhost:9/', form },
        within(2_000),
      ),
    );
    expect(error.code).toBe('egress_refused');
  });

  it('a name that does not exist is named, with nothing sent', async () => {
    const lookup: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '');
    const error = await upstreamErrorOf(
      tokenEndpointClient({ lookup }).post(
        { providerId: 'p', url: 'https://idp.example/', form },
        within(1_000),
      ),
    );
    expect(error).toMatchObject({ code: 'host_not_found', class: 'transient', requestSent: false });
  });
});

describe('over TLS', () => {
  const identity = selfSigned();
  const builtIn = tls.getCACertificates('default');
  let server: Loopback;

  beforeAll(async () => {
    server = await listen(
      https.createServer(identity, (_request, response) => response.end('{"a":1}')),
      'https',
    );
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(builtIn);
    await server.close();
  });

  it('an untrusted certificate: nothing is sent', async () => {
    const error = await upstreamErrorOf(
      tokenEndpointClient().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
    );
    expect(error).toMatchObject({ code: 'certificate_not_trusted', class: 'transient', requestSent: false });
  });

  it('no TLS on the other side: nothing is sent', async () => {
    const plain = await serve((_request, response) => response.end('{}'));
    const error = await upstreamErrorOf(
      tokenEndpointClient().post(
        { providerId: 'p', url: plain.origin.replace('http:', 'https:'), form },
        within(2_000),
      ),
    );
    expect(error).toMatchObject({ code: 'tls_failed', requestSent: false });
    await plain.close();
  });

  it('a trusted one is spoken to, and its sockets are reused, but not by a guarded call', async () => {
    tls.setDefaultCACertificates([...builtIn, identity.cert]);
    const client = tokenEndpointClient({ egressAllow: [], providerEndpoints: { p: server.origin } });
    const before = server.connections();
    for (let i = 0; i < 3; i += 1) {
      const answer = await client.post(
        { providerId: 'p', url: 'https://vendor.example/x', form, repeatable: true },
        within(2_000),
      );
      expect(answer.body).toBe('{"a":1}');
    }
    expect(server.connections() - before).toBe(1);
    const error = await upstreamErrorOf(
      client.post({ providerId: 'q', url: server.origin, form, repeatable: true }, within(2_000)),
    );
    expect(error).toMatchObject({ code: 'egress_refused', requestSent: false });
    client.close();
  });
});
