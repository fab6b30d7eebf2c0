import { expect, it } from '@jest/globals';
import { returnUrl, type SandboxFlow } from '../support/sandbox-flow.js';

const provider = 'vonage-business';
const password = { grant: 'password', username: 'ada', password: 'sandbox-password' };

export function vonageBusiness(flow: SandboxFlow): void {
  const client = (name: string) => ({
    client_id: name,
    client_secret: `Secret0of0${name.replace('-', '0')}`,
  });

  it('authorization code, and refresh', async () => {
    await flow.credential('code', provider, client('code'), { return_urls: [returnUrl] });
    const begun = await flow.connect('code', 'code', { grant: 'authorization_code', return_url: returnUrl });
    expect(begun).toMatchObject({ status: 202 });
    expect(await flow.approve('code', begun.json.authorization_url)).toMatchObject({
      json: { status: 'active' },
    });
    const first = (await flow.token('code')).json.access_token;
    expect(await flow.accepts(first)).toBe(true);
    expect((await flow.renew('code')).json).toMatchObject({ generation: 2 });
    // A refresh kills the token before it: the one served now is the new one.
    expect(await flow.accepts(first)).toBe(false);
    expect(await flow.accepts((await flow.token('code')).json.access_token)).toBe(true);
    const { items } = (await flow.installation.sandbox('GET', '/_control/grants?client_id=code')).json;
    for (const { refresh_tokens } of items) {
      for (const { spent } of refresh_tokens) expect(spent).toBeLessThanOrEqual(1);
    }
  });

  it('password, with @vbc.prod appended once and the password not kept', async () => {
    await flow.credential('pass', provider, client('pass'));
    expect(await flow.connect('pass', 'pass', password)).toMatchObject({
      status: 201,
      json: { subject: 'ada' },
    });
    const { items } = (await flow.installation.sandbox('GET', '/_control/requests?client_id=pass')).json;
    expect(new URLSearchParams(items.at(-1).body).get('username')).toBe('ada@vbc.prod');
    expect((await flow.renew('pass')).json).toMatchObject({ generation: 2 });
    expect(await flow.accepts((await flow.token('pass')).json.access_token)).toBe(true);
  });

  it('a second connection for the same client, user and scope is a conflict', async () => {
    expect(await flow.connect('pass-again', 'pass', password)).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
  });

  it('a wrong password is refused and leaves nothing', async () => {
    await flow.credential('wrong', provider, client('wrong'));
    expect((await flow.connect('wrong', 'wrong', { ...password, password: 'no' })).status).toBe(422);
    expect(await flow.connection('wrong')).toMatchObject({ code: 'not_found' });
  });

  it('a kept password gets a new grant when the old one has died', async () => {
    await flow.credential('kept', provider, client('kept'));
    await flow.connect('kept', 'kept', { ...password, keep_password: true });
    await flow.installation.sandbox('DELETE', '/_control/grants?client_id=kept');
    expect(await flow.renew('kept')).toMatchObject({
      status: 200,
      json: { generation: 2, status: 'active' },
    });
    expect(await flow.accepts((await flow.token('kept')).json.access_token)).toBe(true);
  });

  it('import of a refresh token', async () => {
    await flow.credential('import', provider, client('import'));
    const grant = { provider, client_id: 'import', user: 'ada', scope: 'openid' };
    const { refresh_token } = (await flow.installation.sandbox('POST', '/_control/grants', grant)).json;
    expect(await flow.connect('imported', 'import', { grant: 'refresh_token', refresh_token })).toMatchObject(
      {
        status: 201,
        json: { generation: 1, status: 'active' },
      },
    );
  });
}
