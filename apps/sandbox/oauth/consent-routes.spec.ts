import { describe, expect, it } from '@jest/globals';
import { useSandbox } from '../sandbox.spec-support.js';

const CALLBACK = 'https://broker.example/cb?fixed=1';

/** The consent page is one for all providers; Vonage Business is as good as any to see it with. */
describe('authorization endpoint', () => {
  const sandbox = useSandbox();
  const CLIENT = { provider: 'vonage-business', client_id: 'vbc-<1>' };

  const open = async (more: Record<string, string> = {}) => {
    await sandbox.control('POST', 'clients', { ...CLIENT, client_secret: 's', redirect_uris: [CALLBACK] });
    const parameters = {
      response_type: 'code',
      client_id: CLIENT.client_id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      state: 's t+a/te',
      ...more,
    };
    return sandbox.browse(`/authorize?${new URLSearchParams(parameters)}`);
  };

  it('shows client, scope and who, safely, and works without scripts', async () => {
    const page = await open();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const text of ['vbc-&lt;1&gt;', 'openid', '<option>ada</option>', 'Approve', 'Deny']) {
      expect(page.text).toContain(text);
    }
    expect(page.text).not.toContain('<1>');
    expect(page.text).not.toContain('<script');
  });

  it('sends the browser back with a code and the state, once', async () => {
    const page = await open();
    const { status, sentTo } = await sandbox.click(page.text, 'approve', 'ada');
    expect([status, sentTo.origin + sentTo.pathname]).toEqual([302, 'https://broker.example/cb']);
    expect(Object.fromEntries(sentTo.searchParams)).toEqual({
      fixed: '1',
      code: expect.any(String),
      state: 's t+a/te',
    });
    expect((await sandbox.click(page.text, 'approve', 'ada')).status).toBe(400);
  });

  it('sends a refusal back as one', async () => {
    const { sentTo } = await sandbox.click((await open()).text, 'deny');
    expect(Object.fromEntries(sentTo.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 's t+a/te',
    });
    expect(sentTo.searchParams.has('code')).toBe(false);
  });

  it.each([
    ['approves', 'code'],
    ['denies', 'error'],
  ])('lets a persona that %s answer', async (persona, member) => {
    expect((await open({ persona })).sentTo.searchParams.has(member)).toBe(true);
  });

  it('waits for a slow one, looking again by itself', async () => {
    const page = await open({ login_hint: 'sam' });
    expect(page.text).toContain('sam has not answered yet');
    const again = /url=([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect((await sandbox.browse(again)).status).toBe(200);
    await sandbox.forward(5);
    expect((await sandbox.browse(again)).sentTo.searchParams.has('code')).toBe(true);
    expect((await open({ persona: 'never' })).status).toBe(200);
  });

  it.each([
    ['approve', 'code'],
    ['deny', 'error'],
  ])('answers %s at once when a switch says so', async (consent, member) => {
    await sandbox.behave('vonage-business', { consent });
    expect((await open()).sentTo.searchParams.has(member)).toBe(true);
  });

  it.each([
    ['a redirect URI with something after it', { redirect_uri: `${CALLBACK}&x=1` }],
    ['a redirect URI of nobody', { redirect_uri: 'https://evil.example/' }],
    ['an unknown client', { client_id: 'nobody' }],
  ])('sends the browser nowhere with %s', async (_case, more) => {
    const page = await open(more);
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['http://127.0.0.1:3456/any', 200],
    ['http://127.0.0.1:3456@evil.example/', 400],
    ['http://user@127.0.0.1:3456/', 400],
    ['https://127.0.0.1:3456/', 400],
  ])('lets seeded clients have %s: %i', async (redirect_uri, status) => {
    const seeded = { client_id: 'vbc-consumer-key', redirect_uri };
    expect((await open(seeded)).status).toBe(status);
  });

  it('sends the browser nowhere when a parameter is repeated', async () => {
    await open();
    const query = new URLSearchParams({ client_id: CLIENT.client_id, redirect_uri: CALLBACK, state: 'a' });
    expect((await sandbox.browse(`/authorize?${query}&state=b`)).status).toBe(400);
  });

  it('reports other mistakes to the client', async () => {
    const type = (await open({ response_type: 'token' })).sentTo.searchParams;
    expect([type.get('error'), type.get('state')]).toEqual(['unsupported_response_type', 's t+a/te']);
    expect((await open({ scope: 'x' })).sentTo.searchParams.get('error')).toBe('invalid_scope');
  });

  it('forgets a page after ten minutes', async () => {
    const page = await open();
    await sandbox.forward(601);
    expect((await sandbox.click(page.text, 'approve')).status).toBe(400);
  });

  it('logs and counts browsers too, and leaves them alone unless a rule names their path', async () => {
    await sandbox.control('POST', 'rules', { status: 503, times: null });
    const page = await open();
    expect(page.status).toBe(200);
    await sandbox.click(page.text, 'approve', 'ada');
    const requests = (await sandbox.get('/_control/requests?path=/authorize')).json().items;
    expect(
      requests.map(({ method, status }: { method: string; status: number }) => [method, status]),
    ).toEqual([
      ['GET', 200],
      ['POST', 302],
    ]);
    const [count] = (await sandbox.get('/_control/counts?client_id=vbc-%3C1%3E')).json().items;
    expect(count.calls).toEqual({ 'GET /authorize': 1 });
    await sandbox.remove('/_control/rules');
    await sandbox.control('POST', 'rules', { match: { path: '/authorize' }, status: 503 });
    expect((await open()).status).toBe(503);
  });
});
