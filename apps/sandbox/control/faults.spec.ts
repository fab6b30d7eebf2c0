import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../json.js';
import { useSandbox, VCC_BASIC, VCC_TOKEN_PATH } from '../sandbox.spec-support.js';

describe('rules: what happens', () => {
  const sandbox = useSandbox();
  const rule = (body: Json) => sandbox.control('POST', 'rules', body);
  const counts = async () => (await sandbox.get('/_control/counts')).json().total;
  const lastRequest = async () => (await sandbox.get('/_control/requests?limit=1')).json().items[0];

  it.each<[string, Json]>([
    ['a string', '300'],
    ['a float', 299.5],
    ['a negative number', -1],
    ['a huge number', 9.3e18],
    ['something else', { seconds: 3 }],
    ['false', false],
  ])('puts %s into expires_in', async (_case, expiresIn) => {
    await rule({ expires_in: expiresIn });
    expect((await sandbox.vccToken()).json().expires_in).toEqual(expiresIn);
    expect((await sandbox.vccToken()).json().expires_in).toBe(300);
  });

  it('leaves expires_in out for null', async () => {
    await rule({ expires_in: null });
    const answer = (await sandbox.vccToken()).json();
    expect(Object.keys(answer)).toEqual(['access_token', 'token_type']);
  });

  it('shows when a token with a senseless lifetime really ends', async () => {
    await rule({ expires_in: 9.3e18 });
    const huge = (await sandbox.vccToken()).json().access_token;
    expect((await sandbox.get(`/_control/tokens/${huge}`)).json()).toMatchObject({
      accepted: true,
      expires_at: '9999-12-31T23:59:59.999Z',
    });
    await rule({ expires_in: 3600, lifetime_seconds: 0 });
    const dead = (await sandbox.vccToken()).json().access_token;
    expect((await sandbox.get(`/_control/tokens/${dead}`)).json()).toMatchObject({
      accepted: false,
      reason: 'expired',
    });
  });

  it('patches a good answer, and leaves a refusal alone', async () => {
    await rule({ patch: { token_type: null, refresh_token: 'r', extra: { a: 1 } }, times: 2 });
    const answer = (await sandbox.vccToken()).json();
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'extra', 'refresh_token']);
    expect((await sandbox.form(VCC_TOKEN_PATH, 'x=y')).text).toBe('{"error":"invalid_request"}');
  });

  it('answers anything at all instead, and then issues no token', async () => {
    await rule({
      status: 200,
      body: '<html>oops</html>',
      content_type: 'text/html',
      headers: { 'X-A': ['1', '2'] },
    });
    const answer = await sandbox.vccToken();
    expect([
      answer.status,
      answer.text,
      answer.headers.get('content-type'),
      answer.headers.get('x-a'),
    ]).toEqual([200, '<html>oops</html>', 'text/html', '1, 2']);
    await rule({ body: { error: 'invalid_grant' } });
    const errorIn200 = await sandbox.vccToken();
    expect([errorIn200.status, errorIn200.json()]).toEqual([200, { error: 'invalid_grant' }]);
    expect(await counts()).toEqual({ arrived: 2, requests: 2, issued: 0 });
  });

  it('can process first and answer something else after', async () => {
    await rule({ status: 500, body: { error: 'server_error' }, commit: true });
    expect((await sandbox.vccToken()).status).toBe(500);
    expect(await counts()).toEqual({ arrived: 1, requests: 1, issued: 1 });
  });

  it('redirects', async () => {
    await rule({ status: 302, headers: { location: '/v1/oauth2/token' } });
    const answer = await sandbox.vccToken();
    expect([answer.status, answer.headers.get('location'), answer.text]).toEqual([
      302,
      '/v1/oauth2/token',
      '',
    ]);
  });

  it('serves good JSON under another content type', async () => {
    await rule({ content_type: 'text/plain' });
    const answer = await sandbox.vccToken();
    expect([answer.headers.get('content-type'), answer.json().expires_in]).toEqual(['text/plain', 300]);
  });

  it('waits before processing, and after it', async () => {
    await rule({ delay_ms: 150 });
    const startedAtMs = performance.now();
    const early = sandbox.vccToken();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await counts()).toEqual({ arrived: 1, requests: 0, issued: 0 });
    await early;
    expect(performance.now() - startedAtMs).toBeGreaterThan(145);

    await rule({ respond_delay_ms: 150 });
    const late = sandbox.vccToken();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await counts()).toEqual({ arrived: 2, requests: 2, issued: 2 });
    expect((await lastRequest()).outcome).toBe('in_flight');
    expect((await late).status).toBe(200);
  });

  it('goes on processing when the client has gone', async () => {
    await rule({ delay_ms: 100 });
    await expect(
      fetch(sandbox.origin() + VCC_TOKEN_PATH, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
        headers: { authorization: VCC_BASIC },
        signal: AbortSignal.timeout(30),
      }),
    ).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await counts()).toEqual({ arrived: 1, requests: 1, issued: 1 });
    expect((await lastRequest()).outcome).toBe('client_gone');
  });

  it('drops the connection before processing', async () => {
    await rule({ drop: 'before' });
    await expect(sandbox.vccToken()).rejects.toThrow('fetch failed');
    expect(await counts()).toEqual({ arrived: 1, requests: 0, issued: 0 });
    expect(await lastRequest()).toMatchObject({ outcome: 'dropped_before', status: null });
  });

  it('drops the connection after processing', async () => {
    await rule({ drop: 'after' });
    await expect(sandbox.vccToken()).rejects.toThrow('fetch failed');
    expect(await counts()).toEqual({ arrived: 1, requests: 1, issued: 1 });
    expect(await lastRequest()).toMatchObject({ outcome: 'dropped_after', status: null });
  });

  it('cuts the body in the middle', async () => {
    await rule({ drop: 'mid_body' });
    const answer = await raw();
    expect(answer.complete).toBe(false);
    expect(answer.body.length).toBe(Math.floor(Number(answer.headers['content-length']) / 2));
    expect(answer.body.toString()).toMatch(/^\{"access_token":"/);
    expect(await lastRequest()).toMatchObject({ outcome: 'truncated', status: 200 });
  });

  it('makes a body as large as wanted, still valid JSON', async () => {
    await rule({ pad_bytes: 1_000_000 });
    const answer = await sandbox.vccToken();
    expect(answer.text.length).toBeGreaterThan(1_000_000);
    expect(answer.json().expires_in).toBe(300);
  });

  it('sends a decompression bomb', async () => {
    await rule({ gzip: true, pad_bytes: 5_000_000 });
    const answer = await raw();
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.body.length).toBeLessThan(10_000);
    const inflated = gunzipSync(answer.body);
    expect(inflated.length).toBeGreaterThan(5_000_000);
    expect(JSON.parse(inflated.toString()).expires_in).toBe(300);
  });

  it('drips the body', async () => {
    await rule({ drip_ms: 20 });
    const startedAtMs = performance.now();
    const answer = await raw();
    expect(JSON.parse(answer.body.toString()).expires_in).toBe(300);
    expect(performance.now() - startedAtMs).toBeGreaterThan(100);
    expect(answer.chunks).toBeGreaterThan(3);
  });

  /** Without what `fetch` does by itself: no decompression, and truncation is no error. */
  function raw() {
    return new Promise<{
      headers: Record<string, string | string[] | undefined>;
      body: Buffer;
      chunks: number;
      complete: boolean;
    }>((resolve, reject) => {
      const headers = { authorization: VCC_BASIC, 'content-type': 'application/x-www-form-urlencoded' };
      request(sandbox.origin() + VCC_TOKEN_PATH, { method: 'POST', headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => undefined);
        response.on('close', () =>
          resolve({
            headers: response.headers,
            body: Buffer.concat(chunks),
            chunks: chunks.length,
            complete: response.complete,
          }),
        );
      })
        .on('error', reject)
        .end('grant_type=client_credentials');
    });
  }
});
