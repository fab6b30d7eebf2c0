import { describe, expect, it } from '@jest/globals';
import { startSandbox } from './sandbox.js';
import { readSettings } from './sandbox.settings.js';
import { useSandbox, VCC_BASIC, VCC_TOKEN_PATH } from './sandbox.spec-support.js';
import { RequestLog } from './world/request-log.js';

describe('sandbox', () => {
  const sandbox = useSandbox();

  it('explains itself', async () => {
    const page = await sandbox.get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const text of [
      'Vonage Contact Center',
      'Net2Phone Canada',
      'Vonage Business Communications',
      'Vonage Network APIs',
      'Any OAuth 2.0 server',
      'rotation = &quot;strict&quot;',
      '+447700900404',
      'respond_delay_ms',
      '/v{version}/oauth2/token',
    ]) {
      expect(page.text).toContain(text);
    }
    expect(page.text).toContain(sandbox.origin());
  });

  it('escapes the host it was called by', async () => {
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      request(sandbox.origin(), { headers: { host: '"><script>x' } }, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve(body);
      })
        .on('error', reject)
        .end();
    });
    expect(text).not.toContain('<script>');
  });

  it('is alive', async () => {
    expect((await sandbox.get('/livez')).status).toBe(200);
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(sandbox.origin()).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('shares nothing with another in the same process', async () => {
    const other = await startSandbox();
    await sandbox.control('POST', 'rules', { status: 500, times: null });
    expect((await ask(other.origin)).status).toBe(200);
    expect((await sandbox.vccToken()).status).toBe(500);
    await other.close();
  });

  it('finishes what is in flight before it closes, when told to wait', async () => {
    const other = await startSandbox();
    await delayNext(other.origin, 200);
    const answer = ask(other.origin);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close({ drainTimeoutMs: 5000 });
    expect((await answer).body.expires_in).toBe(300);
  });

  it('closes at once otherwise', async () => {
    const other = await startSandbox();
    await delayNext(other.origin, 60_000);
    const answer = ask(other.origin).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    expect(await answer).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  });

  it('logs requests without what is secret in them', async () => {
    const lines: string[] = [];
    const keep = (...line: unknown[]) => void lines.push(JSON.stringify(line));
    const other = await startSandbox({ log: { info: keep, error: keep } as never });
    const token = (await ask(other.origin)).body.access_token;
    await fetch(`${other.origin}/some/${token}`);
    await other.close();
    const text = lines.join('\n');
    expect(text).toContain('"client_id":"a1b2c3d4e5"');
    expect(text).not.toContain(token);
    expect(text).not.toContain('9pBl');
    expect(text).not.toContain(VCC_BASIC.slice(6));
  });

  it('answers many at once, and counts each', async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => sandbox.vccToken()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map((answer) => answer.json().access_token)).size).toBe(500);
    expect((await sandbox.get('/_control/counts')).json().total).toEqual({
      arrived: 500,
      requests: 500,
      issued: 500,
    });
  });

  async function ask(origin: string) {
    const response = await fetch(origin + VCC_TOKEN_PATH, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      headers: { authorization: VCC_BASIC },
    });
    return { status: response.status, body: Object(await response.json()) };
  }

  function delayNext(origin: string, delayMs: number) {
    return fetch(`${origin}/_control/rules`, {
      method: 'POST',
      body: JSON.stringify({ delay_ms: delayMs }),
      headers: { 'content-type': 'application/json' },
    });
  }
});

describe('RequestLog', () => {
  it('keeps the last 10,000', () => {
    const requestLog = new RequestLog();
    const facts = {
      at: '',
      method: 'GET',
      path: '/',
      query: '',
      raw_headers: [],
      body: '',
      provider: null,
      client_id: null,
      grant_type: null,
    };
    for (let n = 0; n < 10_005; n += 1) requestLog.open(facts);
    const kept = requestLog.find({}, 20_000);
    expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([10_000, 6, 10_005]);
  });
});

describe('readSettings', () => {
  it('has defaults', () => {
    expect(readSettings({})).toEqual({ port: 3100, host: '127.0.0.1' });
  });

  it('names the variable that is wrong, and not its value', () => {
    expect(() => readSettings({ SANDBOX_PORT: '99999' })).toThrow(/^SANDBOX_PORT: (?!.*99999)/);
  });
});
