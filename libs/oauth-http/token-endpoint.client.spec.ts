import http from 'node:http';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type Loopback,
  listen,
  serve,
  serveRaw,
  tokenEndpointClient,
  upstreamErrorOf,
  within,
} from '#testing';
import type { TokenEndpointClient } from './token-endpoint.client.js';

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const opened of open.splice(0)) await opened.close();
});

async function up(server: Promise<Loopback>): Promise<Loopback> {
  const loopback = await server;
  open.push(loopback);
  return loopback;
}

function client(options: Parameters<typeof tokenEndpointClient>[0] = {}): TokenEndpointClient {
  const created = tokenEndpointClient(options);
  open.push({ close: () => created.close() });
  return created;
}

const form = { grant_type: 'client_credentials' };

describe('what is sent', () => {
  it('form-encodes once, asks for JSON and says nothing else', async () => {
    const server = await up(serve((_request, response) => response.end('{}')));
    await client().post(
      {
        providerId: 'p',
        url: `${server.origin}/token/?a=b`,
        form: { grant_type: 'x', client_secret: 'a+b/c= d*é', scope: undefined },
        authorization: 'Basic abc',
      },
      within(2_000),
    );
    expect(server.wire()).toMatch(/^POST \/token\/\?a=b HTTP\/1\.1\r\n/);
    expect(server.wire()).toMatch(/\r\n\r\ngrant_type=x&client_secret=a%2Bb%2Fc%3D\+d\*%C3%A9$/);
    const head = server.wire().split('\r\n\r\n')[0]?.toLowerCase() ?? '';
    expect(head).toContain('\r\ncontent-type: application/x-www-form-urlencoded\r\n');
    expect(head).toContain('\r\naccept: application/json\r\n');
    expect(head).toContain('\r\nauthorization: basic abc\r\n');
    expect(head).not.toContain('cookie');
  });

  it('sends JSON bodies, and GET without a body', async () => {
    const server = await up(serve((_request, response) => response.end('{}')));
    await client().post({ providerId: 'p', url: server.origin, json: { a: [1] } }, within(2_000));
    expect(server.wire()).toMatch(/content-type: application\/json\r\n[\s\S]*\r\n\r\n\{"a":\[1\]\}$/i);
    await client().get({ providerId: 'p', url: `${server.origin}/meta` }, within(2_000));
    expect(server.wire()).toMatch(/GET \/meta HTTP\/1\.1\r\n[\s\S]*\r\n\r\n$/);
  });

  it('replaces the origin of a configured provider and keeps path and query', async () => {
    const server = await up(serve((_request, response) => response.end('{}')));
    const routed = client({ egressAllow: [], providerEndpoints: { p: `${server.origin}/` } });
    await routed.post({ providerId: 'p', url: 'https://vendor.example//x/y/?q=1', form }, within(2_000));
    expect(server.wire()).toMatch(/^POST \/\/x\/y\/\?q=1 HTTP/);
    const other = await upstreamErrorOf(
      routed.post({ providerId: 'q', url: `${server.origin}/x`, form }, within(2_000)),
    );
    expect(other).toMatchObject({ code: 'egress_refused', requestSent: false });
  });

  it('does not use a proxy from the environment', async () => {
    const proxy = await up(serve((_request, response) => response.end('{"proxied":true}')));
    const server = await up(serve((_request, response) => response.end('{}')));
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = proxy.origin;
    try {
      const answer = await client().post({ providerId: 'p', url: server.origin, form }, within(2_000));
      expect(answer.body).toBe('{}');
      expect(proxy.connections()).toBe(0);
    } finally {
      delete process.env['HTTP_PROXY'];
      delete process.env['http_proxy'];
    }
  });
});

describe('what is received', () => {
  it('keeps status, media type, Retry-After and body, and nothing else', async () => {
    const server = await up(
      serve((_request, response) => {
        response.writeHead(503, {
          'Content-Type': 'Application/JSON; charset=utf-8',
          'Retry-After': '7',
          DeactivatedAccessToken: 'old-token',
        });
        response.end('{"ü":1}');
      }),
    );
    await expect(
      client().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
    ).resolves.toEqual({
      status: 503,
      contentType: 'application/json',
      retryAfterSeconds: 7,
      body: '{"ü":1}',
    });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %d, not even inside', async (status) => {
    const inside = await up(serve((_request, response) => response.end('secret')));
    const server = await up(
      serve((_request, response) => {
        response.writeHead(status, { location: `${inside.origin}/admin` }).end('moved');
      }),
    );
    const error = await upstreamErrorOf(
      client().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
    );
    expect(error).toMatchObject({ code: 'redirect_refused', class: 'configuration', requestSent: true });
    expect(inside.connections()).toBe(0);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['X-GZIP', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', zlib.brotliCompressSync],
    ['identity', (body: string) => Buffer.from(body)],
  ])('decompresses what was compressed unasked (%s)', async (encoding, compress) => {
    const server = await up(
      serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"a":1}'));
      }),
    );
    const answer = await client().post({ providerId: 'p', url: server.origin, form }, within(2_000));
    expect(answer.body).toBe('{"a":1}');
  });

  it('reads a gzip without its checksum', async () => {
    const server = await up(
      serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync('{"a":1}').subarray(0, -8));
      }),
    );
    const answer = await client().post({ providerId: 'p', url: server.origin, form }, within(2_000));
    expect(answer.body).toBe('{"a":1}');
  });

  it.each([
    ['with its length', { 'content-length': '65537' }],
    ['without its length', {}],
  ])('stops a body of 64 KiB and one byte, %s', async (_how, headers) => {
    const server = await up(
      serve((_request, response) => {
        response.writeHead(200, headers).write('x'.repeat(65_000));
        response.end('x'.repeat(537));
      }),
    );
    const error = await upstreamErrorOf(
      client().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
    );
    expect(error).toMatchObject({ code: 'response_too_large', class: 'unknown' });
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['br', zlib.brotliCompressSync],
  ])('unpacks 64 KiB of %s and not one byte more', async (encoding, compress) => {
    let size = 65_536;
    const server = await up(
      serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(compress('x'.repeat(size)));
      }),
    );
    const sized = client();
    const post = () => sized.post({ providerId: 'p', url: server.origin, form }, within(2_000));
    expect((await post()).body.length).toBe(65_536);
    size += 1;
    expect(await upstreamErrorOf(post())).toMatchObject({ code: 'response_too_large', requestSent: true });
  });

  it('takes 64 KiB and not one byte more', async () => {
    let size = 65_536;
    const server = await up(serve((_request, response) => response.end('x'.repeat(size))));
    const sized = client();
    const answer = await sized.post({ providerId: 'p', url: server.origin, form }, within(2_000));
    expect(answer.body.length).toBe(65_536);
    size += 1;
    const error = await upstreamErrorOf(
      sized.post({ providerId: 'p', url: server.origin, form }, within(2_000)),
    );
    expect(error).toMatchObject({ code: 'response_too_large', class: 'unknown', requestSent: true });
  });

  it('stops a gzip bomb and an endless body early', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    const bombs = await up(
      serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      }),
    );
    const endless = await up(
      serve((request, response) => {
        const more = () => {
          while (!request.socket.destroyed && response.write(Buffer.alloc(65_536))) {
            /* until the peer stops reading */
          }
        };
        response.on('drain', more);
        more();
      }),
    );
    const bounded = client();
    const before = process.memoryUsage().rss;
    for (const server of [bombs, endless]) {
      const error = await upstreamErrorOf(
        bounded.post({ providerId: 'p', url: server.origin, form }, within(4_000)),
      );
      expect(error.code).toBe('response_too_large');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  it('names an answer that is not HTTP, and one that is not gzip', async () => {
    const garbage = await up(serveRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n'))));
    const lie = await up(
      serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain text'),
      ),
    );
    for (const server of [garbage, lie]) {
      const error = await upstreamErrorOf(
        client().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
      );
      expect(error).toMatchObject({ code: 'malformed_response', requestSent: true });
    }
  });
});

describe('a dropped connection', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
  it.each([
    ['after the request', ''],
    ['within the headers', head],
    ['before the body', `${head}Content-Length: 20\r\n\r\n`],
    ['within the body', `${head}Content-Length: 20\r\n\r\n{"access_`],
    ['within a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n14\r\n{"access_`],
    ['before the last chunk', `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`],
  ])('%s: the outcome is unknown', async (_where, written) => {
    for (const drop of ['end', 'resetAndDestroy'] as const) {
      const server = await up(
        serveRaw((socket) =>
          socket.once('data', () => socket.write(written, () => setTimeout(() => socket[drop](), 20))),
        ),
      );
      const error = await upstreamErrorOf(
        client().post({ providerId: 'p', url: server.origin, form }, within(2_000)),
      );
      // Node tells the two apart only until a body has begun.
      const begun = drop === 'end' || written.includes('\r\n\r\n');
      const code = begun ? 'connection_dropped' : 'connection_reset';
      expect(error).toMatchObject({ code, class: 'unknown', requestSent: true });
    }
  });

  it('says nothing of the request in the error', async () => {
    const server = await up(serveRaw((socket) => socket.once('data', () => socket.destroy())));
    const error = await upstreamErrorOf(
      client().post(
        {
          providerId: 'p',
          url: `${server.origin}/?q=hidden-1`,
          form: { refresh_token: 'hidden-2' },
          authorization: 'Basic hidden-3',
        },
        within(2_000),
      ),
    );
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hidden');
    expect(error.cause).toBeUndefined();
  });

  it('and a refused one sent nothing', async () => {
    const server = await serve((_request, response) => response.end());
    await server.close();
    for (const repeatable of [true, false]) {
      const error = await upstreamErrorOf(
        client().post({ providerId: 'p', url: server.origin, form, repeatable }, within(2_000)),
      );
      expect(error).toMatchObject({ code: 'connection_refused', class: 'transient', requestSent: false });
    }
  });
});

describe('kept-alive sockets', () => {
  it('serve repeatable requests only', async () => {
    const server = await up(serve((_request, response) => response.end('{}')));
    const pooled = client();
    for (let i = 0; i < 3; i += 1) {
      await pooled.post({ providerId: 'p', url: server.origin, form, repeatable: true }, within(2_000));
    }
    expect(server.connections()).toBe(1);
    await pooled.post({ providerId: 'p', url: server.origin, form }, within(2_000));
    expect(server.connections()).toBe(2);
  });

  it('are not used once the peer has closed them', async () => {
    // Closes at once after each answer, without announcing it: the worst of keep-alive.
    const server = await up(
      serveRaw((socket) => {
        socket.on('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', () => socket.destroy());
        });
      }),
    );
    const pooled = client();
    for (let i = 0; i < 50; i += 1) {
      await pooled.post({ providerId: 'p', url: server.origin, form, repeatable: true }, within(2_000));
      await new Promise((resolve) => setTimeout(resolve, i % 5));
    }
  });

  it('obey the server that keeps them for 1 s or less', async () => {
    const announced = http.createServer((_request, response) => response.end('{}'));
    announced.keepAliveTimeout = 1_000;
    const server = await up(listen(announced));
    const pooled = client();
    for (let i = 0; i < 2; i += 1) {
      await pooled.post({ providerId: 'p', url: server.origin, form, repeatable: true }, within(2_000));
    }
    expect(server.connections()).toBe(2);
  });
});
