import { expect, it } from '@jest/globals';
import type { SandboxFlow } from '../support/sandbox-flow.js';

export function vonageContactCenter(flow: SandboxFlow): void {
  const client = (name: string) => ({
    client_id: name,
    client_secret: `${name}+secret/with=signs-0123456789`,
  });

  it.each([
    ['legacy-basic', { region: 'emea' }, {}, 300],
    ['legacy-body', { region: 'nam', client_auth: 'body', version: 'v1' }, {}, 300],
    ['current', { region: 'apac', auth_generation: 'current' }, { scope: 'calls:read' }, 7_200],
  ])('works with %s', async (name, settings, fields, lifetimeSeconds) => {
    await flow.credential(name, 'vonage-contact-center', client(name), settings);
    const made = await flow.connect(name, name, { grant: 'client_credentials', ...fields });
    expect(made).toMatchObject({ status: 201, json: { status: 'active', generation: 1 } });
    const { json } = await flow.token(name);
    expect(json.expires_in).toBeGreaterThan(lifetimeSeconds - 60);
    expect(await flow.accepts(json.access_token)).toBe(true);
    expect((await flow.renew(name)).json.generation).toBe(2);
  });

  it('refuses a scope the current generation does not know, and leaves nothing', async () => {
    const answer = await flow.connect('no-scope', 'current', { grant: 'client_credentials' });
    expect(answer).toMatchObject({ status: 422, json: { provider_error: { code: 'invalid_scope' } } });
    expect(await flow.connection('no-scope')).toMatchObject({ code: 'not_found' });
  });
}
