import { generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { type Loopback, serve } from '#testing';
import { type Cli, cliOf } from '../support/cli.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { contactCenterClient } from '../support/onboarding.js';
import { selfSigned } from '../support/self-signed.js';
import { expectStatus, type RunningApi, runApi } from './running-api.js';

/** Two installations, each with a database, keys and a command line of its own. The second one is empty. */
let server: Loopback;
let from: RunningApi;
let to: Api;
let installation: Installation;
let exporting: Cli;
let applying: Cli;

const certified = selfSigned();
const assertionKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const returnUrl = 'https://app.example.com/done?from=a&to=b';
const logo = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')}`;

beforeAll(async () => {
  const issuers = [
    { issuer: 'https://k8s.example.com', audience: 'grantkeeper', jwks_uri: 'https://k8s.example.com/jwks' },
  ];
  const listed = { GRANTKEEPER_JWT_ISSUERS: JSON.stringify(issuers) };
  Object.assign(process.env, listed);
  server = await serve(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answerOf(request.url ?? '', form)));
  });
  from = await runApi();
  installation = await startInstallation(listed);
  to = await installation.startApi();
  exporting = cliOf({ GRANTKEEPER_URL: from.origin, GRANTKEEPER_KEY: from.adminKey });
  applying = cliOf({ GRANTKEEPER_URL: to.origin, GRANTKEEPER_KEY: installation.adminKey });
  await fill();
});
afterAll(async () => {
  await from?.close();
  await installation?.close();
  await server?.close();
});

/** A server that grants everything; scopes it writes with commas, and `never` it does not grant. */
function answerOf(path: string, form: URLSearchParams): object {
  const ends = { expires_in: 3_600, interval: 60 };
  if (path === '/device')
    return { device_code: 'd', user_code: 'ABCD', verification_uri: 'https://server.example.com/d', ...ends };
  if (path === '/ciba') return { auth_req_id: 'c', ...ends };
  const granted = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== 'never');
  const refresh =
    form.get('grant_type') === 'client_credentials' ? {} : { refresh_token: `r-${Math.random()}` };
  return {
    ...{ access_token: `a-${Math.random()}`, token_type: 'Bearer', expires_in: 3_600, ...refresh },
    ...(granted[0] ? { scope: granted.join(',') } : {}),
  };
}

async function fill(): Promise<void> {
  const make = (path: string, body: object, status = 201) =>
    expectStatus(status, from.admin('POST', `/v1/tenants${path}`, body));
  const change = (path: string, body: object) =>
    expectStatus(200, from.admin('PATCH', `/v1/tenants${path}`, body));
  const generic = { provider: 'generic-oauth2', client_id: 'app: "web" #1' };
  const token_endpoint = `${server.origin}/token`;
  const application = await demoApplication(from.sandbox.origin);

  await make('', { id: 'acme', name: 'Acme: “Ltd.” # 1 \\ — ü' });
  await change('/acme', {
    ...{ audit_reads: 'strict', renewal_weight: 7, rate_limit_per_second: 5_000 },
    ...{ key_rate_limit_per_second: 900, branding: { name: 'Acme', logo, colour: '#C0FFEE' } },
  });
  await make('/acme/credentials', { id: 'crm', ...contactCenterClient });
  await make('/acme/credentials', {
    ...{ id: 'server', ...generic, client_secret: 'sec ret:ü' },
    settings: {
      ...{ token_endpoint, authorization_endpoint: `${server.origin}/authorize`, allow_password_grant: true },
      ...{ device_authorization_endpoint: `${server.origin}/device`, return_urls: [returnUrl] },
      backchannel_authentication_endpoint: `${server.origin}/ciba`,
    },
  });
  // A key in the place of a secret, without a setting or a connection that tells so.
  await make('/acme/credentials', {
    ...{ id: 'signing', ...generic, private_key: assertionKey, settings: { token_endpoint } },
  });
  await make('/acme/credentials', {
    ...{ id: 'certified', ...generic, private_key: certified.key },
    settings: { token_endpoint, client_auth: 'tls_client_auth', client_certificate: certified.cert },
  });
  await make('/acme/credentials', { id: 'public', ...generic, settings: { token_endpoint } });
  await make('/acme/credentials', {
    ...{ id: 'entra', ...generic, client_secret: 's' },
    settings: { preset: 'microsoft-entra-id', preset_inputs: { tenant: 'acme.onmicrosoft.com' } },
  });
  await make('/acme/credentials', { id: 'network', provider: 'vonage-network', ...application });

  const connect = (id: string, credential: string, fields: object, status = 201) =>
    make('/acme/connections', { id, credential, ...fields }, status);
  await connect('main', 'crm', { grant: 'client_credentials', labels: { team: 'sales', 'a/b': 'yes: no' } });
  await connect('scoped', 'server', {
    ...{ grant: 'client_credentials', subject: 'Ada # "Lovelace"', scope: 'read write never' },
    renewal: 'eager',
  });
  await connect('user', 'server', { grant: 'password', username: 'ada', password: 'pass word' });
  await connect('moved', 'server', { grant: 'refresh_token', refresh_token: 'old', subject: 'null' });
  await connect('signed', 'signing', { grant: 'jwt_bearer', assertion_subject: 'ada@example.com' });
  await connect('code', 'server', { grant: 'authorization_code', return_url: returnUrl, scope: 'a b' }, 202);
  await connect('device', 'server', { grant: 'device_code', renewal: 'on_demand' }, 202);
  await connect('phone', 'server', { grant: 'ciba', login_hint: '+447700900001', scope: 'openid x' }, 202);
  const simSwap = 'dpv:FraudPreventionAndDetection#check-sim-swap';
  await connect('sim', 'network', { grant: 'ciba', login_hint: '+447700900001', scope: simSwap }, 202);
  await change('/acme/connections/user', { paused: true });
  const hook = 'https://hooks.example.com/in';
  await make('/acme/webhooks', { url: hook, events: ['connection.expiring'], description: 'one' });
  await make('/acme/webhooks', { url: hook, description: 'the same address for all else' });
  await make('/acme/workload_identities', {
    ...{ id: 'web', issuer: 'https://k8s.example.com', audience: 'other', role: 'token_reader' },
    ...{ match: { sub: { glob: 'app:*' }, ns: 'web' }, connections: ['main', 'scoped'] },
  });
  await make('/acme/api_keys', { name: 'reader', role: 'token_reader' });

  await make('', { id: 'nordic', name: 'Nordic' });
  await make('/nordic/credentials', {
    ...{ id: 'vbc', provider: 'vonage-business', client_id: 'vbc-consumer-key' },
    client_secret: 'vbc-consumer-secret',
  });
  await make('/nordic/connections', {
    ...{ id: 'main', credential: 'vbc', grant: 'password', username: 'ada', password: 'sandbox-password' },
  });
  await change('/nordic', { disabled: true });
  await make('', { id: 'empty', name: 'Nothing yet' });
}

/** Each sandbox has a key pair of its own. */
async function demoApplication(sandboxOrigin: string): Promise<{ client_id: string; private_key: string }> {
  const answer = await fetch(`${sandboxOrigin}/_control/demo-application`);
  const { client_id, private_key } = (await answer.json()) as { client_id: string; private_key: string };
  return { client_id, private_key };
}

const secrets = async (): Promise<Record<string, string>> => ({
  GK__ACME__CRM__CLIENT_SECRET: contactCenterClient.client_secret,
  GK__ACME__SERVER__CLIENT_SECRET: 'sec ret:ü',
  GK__ACME__SIGNING__PRIVATE_KEY: assertionKey,
  GK__ACME__CERTIFIED__PRIVATE_KEY: certified.key,
  GK__ACME__ENTRA__CLIENT_SECRET: 's',
  GK__ACME__NETWORK__PRIVATE_KEY: (await demoApplication(installation.sandboxOrigin)).private_key,
  GK__ACME__USER__PASSWORD: 'pass word',
  GK__ACME__MOVED__REFRESH_TOKEN: 'old',
  GK__NORDIC__VBC__CLIENT_SECRET: 'vbc-consumer-secret',
  GK__NORDIC__MAIN__PASSWORD: 'sandbox-password',
});
const moving = (out: string) => out.split('\n').filter((line) => /^ {2}[^ =0-9]/.test(line));

describe('export of a whole installation', () => {
  let file: string;

  it('names a variable for each secret, and has none in it', async () => {
    const run = await exporting('export');
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    file = run.out;
    const names = [...file.matchAll(/secret_env: (\S+)/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(Object.keys(await secrets()).sort());
    for (const secret of ['sec ret', 'PRIVATE KEY', 'pass word', 'sandbox-password', 'whsec_', 'gk_'])
      expect(file).not.toContain(secret);
    expect((await exporting('export --json')).json).toEqual(parse(file));
    expect(file).toContain('scope: read write never\n');
  });

  it('changes nothing where it comes from', async () => {
    const again = await exporting('apply -f - --json', { input: file });
    expect(again).toMatchObject({ exitCode: 0 });
    const actions = again.json.steps.map(({ action }: { action: string }) => action);
    expect(new Set(actions)).toEqual(new Set(['unchanged']));
  });

  it('applied to an empty one without the secrets says which are missing, and makes the rest', async () => {
    const dry = await applying('apply -f - --dry-run', { input: file });
    expect(dry.exitCode).toBe(1);
    expect(dry.out).toContain(
      '! blocked credential acme/crm: client_secret: the environment has no GK__ACME__CRM__CLIENT_SECRET. Put it there, and apply again.',
    );
    expect(dry.out).toContain('! blocked connection acme/main: it waits for credential crm.');
    expect(dry.out).toContain('+ create credential acme/public\n');
    expect((await applying('tenants list --json')).json.items).toEqual([]);
  });

  it('applied to an empty one with them shows its plan first, and makes everything again', async () => {
    const env = await secrets();
    const made = await applying('apply -f -', { input: file, env });
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    const [plan = '', done = ''] = made.out.split(/^ {2}0 unchanged\n/m);
    const changes = moving(plan).filter((line) => !line.startsWith('  + create '));
    expect(changes).toEqual(['  ~ update tenant nordic: disabled']);
    expect(moving(plan)).toHaveLength(3 + 8 + 10 + 2 + 1 + changes.length);
    expect(done.match(/: done$/gm)).toHaveLength(moving(plan).length);
    for (const secret of Object.values(env).filter(({ length }) => length > 5))
      expect(made.out).not.toContain(secret);
    const waiting = made.out.split('Somebody has to consent:\n')[1]?.trimEnd().split('\n');
    expect(waiting?.map((line) => line.trim().split(':')[0])).toEqual([
      ...['acme/code', 'acme/device', 'acme/phone', 'acme/sim'],
    ]);

    expect((await applying('export')).out).toBe(file);
    const token = (tenant: string, id: string) =>
      to.admin('GET', `/v1/tenants/${tenant}/connections/${id}/token`);
    for (const id of ['main', 'scoped', 'moved', 'signed']) await expectStatus(200, token('acme', id));
    expect(await token('acme', 'user')).toMatchObject({ json: { code: 'connection_paused' } });
    expect((await to.admin('GET', '/v1/tenants/nordic')).json).toMatchObject({ disabled: true });
    expect((await to.admin('GET', '/v1/tenants/acme/api_keys')).json.items).toEqual([]);
  });

  it('applied again changes nothing, with the secrets and without', async () => {
    for (const env of [await secrets(), {}]) {
      const again = await applying('apply -f - --prune', { input: file, env });
      expect(again.exitCode).toBe(0);
      expect(again.out).toMatch(/^Plan:\n {2}24 unchanged\n/);
    }
    expect((await applying('export')).out).toBe(file);
  });
});
