import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { Browser } from '../support/browser.js';
import { returnUrl, type SandboxFlow } from '../support/sandbox-flow.js';

const verification = 'dpv:FraudPreventionAndDetection#number-verification-verify-read';
const simSwap = 'dpv:FraudPreventionAndDetection#check-sim-swap';
const upstreamHost = 'api-eu.vonage.com';
const numbers = {
  approves: '+447700900001',
  denies: '+447700900002',
  slow: '+447700900004',
  unsupported: '+447700900404',
};

export function vonageNetwork(flow: SandboxFlow): void {
  beforeAll(async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const application = {
      client_id: '11111111-2222-3333-4444-555555555555',
      public_key: publicKey.export({ type: 'spki', format: 'pem' }),
      private_key: String(privateKey.export({ type: 'pkcs1', format: 'pem' })).replaceAll('\n', '\\n'),
    };
    await flow.credential('app', 'vonage-network', application, {
      return_urls: [returnUrl],
      upstream_hosts: [upstreamHost],
    });
  });

  const verify = (phone_number: string, scope = verification) => ({
    grant: 'authorization_code',
    phone_number,
    scope,
    return_url: returnUrl,
  });
  const ciba = (login_hint: string) => ({ grant: 'ciba', login_hint, scope: simSwap });
  const becomes = (id: string, wanted: object) =>
    eventually(async () => expect(await flow.connection(id)).toMatchObject(wanted), 40_000);

  it('authorization code: a Number Verification token leaves once, under 20 reads at once', async () => {
    const begun = await flow.connect('verify', 'app', verify(numbers.approves));
    expect(begun).toMatchObject({ status: 202, json: { status: 'pending', subject: numbers.approves } });
    // The phone that comes back holds no cookie: the state and the confirmation bind the flow.
    const phone = new Browser();
    expect(await flow.approve('verify', begun.json.authorization_url, phone)).toMatchObject({
      json: { status: 'active' },
    });
    const path = `${flow.path}/connections/verify/forward_auth`;
    const forwarded = await flow.api.admin('GET', path, undefined, { 'x-forwarded-host': upstreamHost });
    expect(forwarded).toMatchObject({ status: 403, json: { detail: expect.stringContaining('one use') } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => flow.token('verify')));
    const served = answers.filter(({ status }) => status === 200);
    expect(served).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(await flow.accepts(served[0]?.json.access_token)).toBe(true);
    expect(await flow.token('verify')).toMatchObject({
      status: 409,
      json: { code: 'reauthorization_required' },
    });
    expect(await flow.connection('verify')).toMatchObject({
      status: 'reauthorization_required',
      last_error: { code: 'token_used', remedy: expect.any(String) },
    });
  });

  it('authorization code with the purpose as a scope of its own, as CAMARA has it', async () => {
    const scope = 'dpv:FraudPreventionAndDetection number-verification:verify:read';
    const begun = await flow.connect('camara', 'app', verify(numbers.approves, scope));
    await flow.approve('camara', begun.json.authorization_url, new Browser());
    const answers = [await flow.token('camara'), await flow.token('camara')];
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
  });

  it('CIBA with an operator token sends it once, and keeps it nowhere', async () => {
    const settings = { login_hint_prefix: 'operatortoken:' };
    const change = (body: object) => flow.api.admin('PATCH', `${flow.path}/credentials/app`, body);
    const hint = 'operatortoken:k7Q2m9Zt4x';
    expect(await flow.connect('token', 'app', ciba(hint))).toMatchObject({
      status: 400,
      json: { errors: [{ field: 'login_hint' }] },
    });
    expect((await change({ settings })).status).toBe(200);
    const body = { ...ciba(hint), scope: 'dpv:FraudPreventionAndDetection sim-swap:check' };
    const begun = await flow.connect('token', 'app', body);
    expect(begun).toMatchObject({ status: 202, json: { subject: null } });
    await becomes('token', { status: 'active', generation: 1 });
    expect(await flow.api.admin('POST', `${flow.path}/connections/token/authorize`)).toMatchObject({
      status: 409,
      json: { code: 'conflict' },
    });
    const [row] = await flow.installation.database.query<{ text: string }>(
      "select connections::text as text from gk.connections where slug = 'token'",
    );
    expect(row?.text).not.toContain('k7Q2m9Zt4x');
    expect((await change({ settings: { login_hint_prefix: null } })).status).toBe(200);
  });

  it('refuses at once what Network Enablement refuses, and leaves nothing', async () => {
    const answer = await flow.connect('nowhere', 'app', verify(numbers.unsupported));
    expect(answer).toMatchObject({ status: 422, json: { code: 'provider_rejected' } });
    expect(await flow.connection('nowhere')).toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['phone_number', verify('07700900001')],
    ['scope', verify(numbers.approves, `${verification} ${simSwap}`)],
  ])('names %s where it is not as the provider wants it', async (field, fields) => {
    const answer = await flow.connect('bad', 'app', fields);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain(field);
  });

  it('CIBA: polled no sooner than it may be, and silently had again when read after expiry', async () => {
    const begun = await flow.connect('swap', 'app', ciba(numbers.approves));
    expect(begun).toMatchObject({ status: 202, json: { status: 'pending', expires_at: expect.any(String) } });
    await becomes('swap', { status: 'active', generation: 1 });
    const first = (await flow.token('swap')).json;
    expect(await flow.accepts(first.access_token)).toBe(true);

    await flow.installation.database.query(
      "update gk.connections set access_token_expires_at = gk.now() - interval '1 second'",
    );
    await flow.installation.database.query(
      "select pg_notify('gk_changes', 'connection ' || id) from gk.connections",
    );
    const again = await eventually(async () => {
      const answer = await flow.token('swap');
      expect(answer).toMatchObject({ status: 200, json: { generation: 2 } });
      return answer;
    }, 20_000);
    expect(again.json.access_token).not.toBe(first.access_token);
    const { items } = (await flow.installation.sandbox('GET', '/_control/backchannel')).json;
    expect(items.map(({ early_polls }: { early_polls: number }) => early_polls)).toEqual(items.map(() => 0));
  }, 60_000);

  it('CIBA: another replica finishes what a killed one has begun, and asks no sooner than it may', async () => {
    await flow.connect('slow', 'app', ciba(numbers.slow));
    const request = async () => {
      const { items } = (
        await flow.installation.sandbox(
          'GET',
          `/_control/backchannel?user=${encodeURIComponent(numbers.slow)}`,
        )
      ).json;
      return items[0];
    };
    await eventually(async () => expect((await request()).polls.length).toBeGreaterThan(0), 10_000);
    expect(await flow.worker.stop('SIGKILL')).toBe('SIGKILL');
    expect(await flow.connection('slow')).toMatchObject({ status: 'pending' });
    await flow.installation.startWorker();
    await becomes('slow', { status: 'active', generation: 1 });
    expect(await request()).toMatchObject({ early_polls: 0 });
    expect(await flow.accepts((await flow.token('slow')).json.access_token)).toBe(true);
  }, 60_000);

  it('CIBA: says what the person and the network say', async () => {
    await flow.connect('declined', 'app', ciba(numbers.denies));
    await becomes('declined', { status: 'reauthorization_required', last_error: { code: 'access_denied' } });
    expect(await flow.connect('unsupported', 'app', ciba(numbers.unsupported))).toMatchObject({
      status: 422,
      json: { provider_error: { code: 'not_supported' } },
    });
    expect(await flow.connection('unsupported')).toMatchObject({ code: 'not_found' });
  });

  it('a key that is too weak is refused by name', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const credential = {
      provider: 'vonage-network',
      client_id: 'weak',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
    const answer = await flow.api.admin('POST', `${flow.path}/credentials`, credential);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toMatch(/private_key.*2048/);
  });
}
