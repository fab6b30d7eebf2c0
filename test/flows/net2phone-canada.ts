import { beforeAll, expect, it } from '@jest/globals';
import { returnUrl, type SandboxFlow } from '../support/sandbox-flow.js';

const provider = 'net2phone-canada';
const codeFlow = { grant: 'authorization_code', return_url: returnUrl };

export function net2phoneCanada(flow: SandboxFlow): void {
  const client = (name: string) => ({ client_id: name, client_secret: `secret-of-${name}-0123456789` });

  beforeAll(async () => {
    await flow.credential('main', provider, client('main'), { return_urls: [returnUrl] });
  });

  it('client credentials', async () => {
    expect(await flow.connect('company', 'main', { grant: 'client_credentials' })).toMatchObject({
      status: 201,
      json: { scope: 'Office Manager', refresh_token_expires_at: null },
    });
    expect(await flow.accepts((await flow.token('company')).json.access_token)).toBe(true);
  });

  it.each(['/api/oauth/authorize/', '/oauth/authorize/'])(
    'authorization code over %s, and refresh',
    async (path) => {
      const id = path.startsWith('/api') ? 'user-1' : 'user-2';
      await flow.credential(id, provider, client(id), { return_urls: [returnUrl], authorize_path: path });
      const begun = await flow.connect(id, id, codeFlow);
      expect(begun).toMatchObject({ status: 202, json: { status: 'pending' } });
      expect(await flow.approve(id, begun.json.authorization_url)).toMatchObject({
        status: 200,
        json: { status: 'active', scope: 'Office Manager' },
      });
      const { refresh_token_expires_at: endsAt } = await flow.connection(id);
      expect(Date.parse(String(endsAt)) - Date.now()).toBeGreaterThan(89 * 86_400_000);
      const first = (await flow.token(id)).json;
      expect((await flow.renew(id)).json).toMatchObject({ generation: 2, scope: 'Office Manager' });
      expect((await flow.renew(id)).json).toMatchObject({ generation: 3 });
      const last = (await flow.token(id)).json;
      expect(last.access_token).not.toBe(first.access_token);
      expect(await flow.accepts(last.access_token)).toBe(true);
    },
  );

  it('refresh without the client secret, where the vendor’s own client does so', async () => {
    await flow.credential('bare', provider, client('bare'), {
      return_urls: [returnUrl],
      refresh_client_auth: 'id_only',
    });
    const begun = await flow.connect('bare', 'bare', codeFlow);
    await flow.approve('bare', begun.json.authorization_url);
    await flow.installation.sandbox('DELETE', '/_control/requests');
    const renewed = await flow.renew('bare');
    const { items } = (await flow.installation.sandbox('GET', '/_control/requests')).json;
    expect(items.at(-1).body).toContain('client_id=bare');
    expect(items.at(-1).body).not.toContain('client_secret');
    expect(renewed.status).toBeLessThan(500);
  });

  it('a code flow without a return_url ends on a plain page, where that is allowed on purpose', async () => {
    await flow.credential('page', provider, client('page'), { allow_unconfirmed: true });
    const begun = await flow.connect('page', 'page', { grant: 'authorization_code' });
    const page = await flow.comeBack(begun.json.authorization_url);
    expect(page).toMatchObject({ status: 200, location: null });
    expect(page.text).toContain('Connected');
    expect(await flow.connection('page')).toMatchObject({ status: 'active', generation: 1 });
  });

  it('import of a refresh token', async () => {
    const grant = { provider, client_id: 'main', user: 'ada', scope: 'Office Manager' };
    const { refresh_token } = (await flow.installation.sandbox('POST', '/_control/grants', grant)).json;
    const fields = { grant: 'refresh_token', refresh_token };
    expect(await flow.connect('imported', 'main', fields)).toMatchObject({
      status: 201,
      json: { generation: 1 },
    });
    expect(await flow.accepts((await flow.token('imported')).json.access_token)).toBe(true);
    const wrong = { grant: 'refresh_token', refresh_token: 'no-such-token' };
    expect((await flow.connect('not-imported', 'main', wrong)).status).toBe(422);
    expect(await flow.connection('not-imported')).toMatchObject({ code: 'not_found' });
  });
}
