import { beforeAll, expect, it } from '@jest/globals';
import { placesWith, type TableCopies } from '../support/canaries.js';
import { type FlowProcesses, returnUrl, type SandboxFlow, sandboxFlow } from '../support/sandbox-flow.js';

const password = 'canary password/with+signs=0123456789';
const user = 'carol@example.com';

export function oneTimeSecrets(running: FlowProcesses & { readonly tables: TableCopies }): void {
  const canaries = new Map<string, string>();
  let flow: SandboxFlow;

  beforeAll(async () => {
    flow = await sandboxFlow(running, 'flows');
  });

  it('are in no table and no log: passwords, codes, links, states, cookies, refresh tokens', async () => {
    await byPassword();
    await byCode();
    await byImport();
    const { items } = (await flow.installation.sandbox('GET', '/_control/grants')).json;
    const refreshTokens = items.flatMap(
      ({ refresh_tokens }: { refresh_tokens: { refresh_token: string }[] }) =>
        refresh_tokens.map(({ refresh_token }) => refresh_token),
    );
    expect(refreshTokens.length).toBeGreaterThan(3);
    for (const [index, token] of refreshTokens.entries()) canaries.set(`refresh token ${index}`, token);
    expect([...canaries.values()].every((value) => value.length > 15)).toBe(true);

    const places = new Map(await running.tables.copy());
    for (const [index, process] of flow.installation.processes.entries()) {
      places.set(`log of process ${index}`, process.lines.join('\n'));
    }
    expect(placesWith(canaries, places)).toEqual([]);
  });

  async function byPassword(): Promise<void> {
    canaries.set('password', password);
    await flow.installation.sandbox('POST', '/_control/people', { id: user, persona: 'approves', password });
    await flow.credential('vbc', 'vonage-business', {
      client_id: 'vbc',
      client_secret: 'Vbc0Canary0Secret0123456789',
    });
    canaries.set('client secret', 'Vbc0Canary0Secret0123456789');
    const fields = { grant: 'password', username: user, password, keep_password: true };
    expect((await flow.connect('pass', 'vbc', fields)).status).toBe(201);
    await flow.renew('pass');
    canaries.set('token by password', (await flow.token('pass')).json.access_token);
    await flow.connect('pass-wrong', 'vbc', { ...fields, username: 'nobody@example.com' });
  }

  async function byCode(): Promise<void> {
    await flow.credential(
      'n2p',
      'net2phone-canada',
      { client_id: 'n2p', client_secret: 'n2p-canary-secret-0123456789' },
      { return_urls: [returnUrl] },
    );
    const begin = (id: string) =>
      flow.api.admin(
        'POST',
        '/v1/tenants/flows/connections',
        { id, credential: 'n2p', grant: 'authorization_code', return_url: returnUrl },
        { 'idempotency-key': `begin-${id}` },
      );
    const { authorization_url: link } = (await begin('code')).json;
    canaries.set('link', link.split('/').at(-1));
    const back = await flow.comeBack(link);
    const confirmation = new URL(back.location ?? '').searchParams.get('confirmation_code') ?? '';
    canaries.set('confirmation code', confirmation);
    for (const name of ['code', 'state']) canaries.set(name, new URL(back.url).searchParams.get(name) ?? '');
    await flow.api.admin('POST', '/v1/tenants/flows/connections/code/complete', {
      confirmation_code: 'wrong-one',
    });
    const complete = { confirmation_code: confirmation };
    expect(
      (await flow.api.admin('POST', '/v1/tenants/flows/connections/code/complete', complete)).status,
    ).toBe(200);
    canaries.set('token by code', (await flow.token('code')).json.access_token);
    // Replayed, the answer comes without the link.
    expect((await begin('code')).json.authorization_url).toBeUndefined();
  }

  async function byImport(): Promise<void> {
    const grant = { provider: 'net2phone-canada', client_id: 'n2p', user: 'ada', scope: 'Office Manager' };
    const { refresh_token } = (await flow.installation.sandbox('POST', '/_control/grants', grant)).json;
    expect((await flow.connect('imported', 'n2p', { grant: 'refresh_token', refresh_token })).status).toBe(
      201,
    );
    canaries.set('refused import', 'no-such-refresh-token-0123456789');
    const refused = { grant: 'refresh_token', refresh_token: 'no-such-refresh-token-0123456789' };
    await flow.connect('refused', 'n2p', refused);
  }
}
