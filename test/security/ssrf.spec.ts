import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { type Canary, startCanary } from './canary.js';
import { forbiddenAddresses } from './forbidden-addresses.js';
import { inTurn, jwtOf, pairs, type Sink } from './outgoing.js';

const tenant = '/v1/tenants/acme';
const redirects = [301, 302, 303, 307, 308];

let installation: Installation;
let api: Api;
let provider: Server;
let canary: Canary;
let origin: string;
let arrived: string[] = [];
let issuers: string[] = [];
let listed: number[] = [];
let addresses: string[];
let count = 0;

const probe = (connection: string) => api.admin('POST', `${connection}/probe`);
const remove = (connection: string) => api.admin('DELETE', connection);
const imported = { grant: 'refresh_token', fields: { refresh_token: 'imported' } };
const identified = { account_from: 'id_token' };

/** By the setting that names where the call goes; each may be named by the metadata of the issuer as well. */
const sinks: Readonly<Record<string, Sink>> = {
  issuer: { grant: 'client_credentials' },
  token_endpoint: { grant: 'client_credentials' },
  refresh_endpoint: imported,
  device_authorization_endpoint: { grant: 'device_code' },
  backchannel_authentication_endpoint: {
    grant: 'ciba',
    fields: { login_hint: '+447700900001', scope: 'openid' },
  },
  revocation_endpoint: { ...imported, finish: remove },
  introspection_endpoint: { ...imported, finish: probe },
  userinfo_endpoint: { ...imported, settings: { account_from: 'userinfo' } },
  probe_url: { ...imported, finish: probe },
  jwks_uri: { ...imported, settings: identified },
};
/** Where a browser goes, and nothing of ours. */
const forBrowsers = ['authorization_endpoint', 'redirect_uri'];
const namedByMetadata = Object.keys(sinks).filter(
  (name) => !/^(?:issuer|refresh_endpoint|probe_url)$/.test(name),
);

beforeAll(async () => {
  canary = await startCanary();
  addresses = forbiddenAddresses(canary.port);
  provider = createServer((request, response) => {
    const { url = '' } = request;
    arrived.push(url);
    const { status, headers = {}, body = {} } = answerTo(url);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  issuers = Array.from({ length: addresses.length + redirects.length + 1 }, (_, at) => `${origin}/m/${at}`);
  // A hundred are the most that may be listed.
  listed = issuers.map((_, at) => at).filter((at) => at % 2 === 0 || at >= addresses.length);
  installation = await startInstallation({
    GRANTKEEPER_EGRESS_ALLOW: origin,
    GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '5000',
    GRANTKEEPER_JWT_ISSUERS: JSON.stringify(
      listed.map((at) => ({ issuer: issuers[at], audience: 'grantkeeper' })),
    ),
    NODE_OPTIONS: `--import ${new URL('./rebinding-dns.mjs', import.meta.url).href}`,
  });
  // One after the other: a busy machine has trouble with both at once.
  api = await installation.startApi();
  await installation.startWorker();
  await api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' });
}, 180_000);
afterAll(async () => {
  await installation?.close();
  canary.close();
  provider.closeAllConnections();
  provider.close();
});

/** The address that issuer number n names for each of its endpoints: a forbidden one, a redirect, or a good one. */
function addressOf(number: number): string {
  return addresses[number] ?? redirectTo(redirects[number - addresses.length]) ?? `${origin}/named`;
}

function redirectTo(status: number | undefined): string | undefined {
  return status === undefined ? undefined : `${origin}/redirect/${status}`;
}

function answerTo(url: string): { status: number; headers?: Record<string, string>; body?: object } {
  const [, status] = /^\/redirect\/(\d+)/.exec(url) ?? [];
  if (status) return { status: Number(status), headers: { location: addresses[0] ?? '' } };
  const [, number] = /\/m\/(\d+)/.exec(url) ?? [];
  if (number) {
    const issuer = `${origin}/m/${number}`;
    const address = addressOf(Number(number));
    return {
      status: 200,
      body: { issuer, ...Object.fromEntries(namedByMetadata.map((name) => [name, address])) },
    };
  }
  const token = {
    access_token: 'an-access-token',
    refresh_token: 'a-refresh-token',
    id_token: jwtOf(origin),
  };
  return {
    status: 200,
    body: { ...token, token_type: 'Bearer', expires_in: 3_600, sub: 'ada', scope: 'openid' },
  };
}

/** One call of the sink, at an address; by the settings of the client credentials, or by the issuer that names it. */
async function come(
  name: string,
  where: { readonly address: string } | { readonly issuer: string },
  times = 1,
) {
  const sink = sinks[name];
  if (!sink) throw new Error(`There is no sink ${name}.`);
  count += 1;
  const id = `c-${count}`;
  const needed = name === 'token_endpoint' ? {} : { token_endpoint: `${origin}/token` };
  const at =
    'address' in where
      ? { ...(name === 'issuer' ? {} : needed), [name]: where.address }
      : { ...needed, issuer: where.issuer };
  const made = await api.admin('POST', `${tenant}/credentials`, {
    id,
    provider: 'generic-oauth2',
    client_id: 'app',
    client_secret: 'secret',
    settings: { ...sink.settings, ...at },
  });
  if (made.status === 400) return;
  if (made.status !== 201) throw new Error(`${name} ${JSON.stringify(at)}: ${made.status} ${made.text}`);
  for (let time = 0; time < times; time += 1) {
    const body = { id: `${id}-${time}`, credential: id, grant: sink.grant, scope: 'openid', ...sink.fields };
    const { status, text } = await api.admin('POST', `${tenant}/connections`, body);
    if (status >= 500 && status !== 503) throw new Error(`${name}: ${status} ${text}`);
    await sink.finish?.(`${tenant}/connections/${id}-${time}`);
  }
}

/** An event that a tenant's webhooks of these addresses are told, as if they had been registered under other rules. */
async function tell(slug: string, urls: readonly string[]) {
  const path = `/v1/tenants/${slug}`;
  const make = async (at: string, body: object) => {
    const { status, text, json } = await api.admin('POST', at, body);
    if (status !== 201) throw new Error(`${at}: ${text}`);
    return json;
  };
  await make('/v1/tenants', { id: slug, name: slug });
  await make(`${path}/credentials`, {
    id: 'told',
    provider: 'generic-oauth2',
    client_id: 'app',
    client_secret: 'secret',
    settings: { token_endpoint: `${origin}/token` },
  });
  await make(`${path}/connections`, { id: 'told', credential: 'told', grant: 'client_credentials' });
  for (const url of urls) {
    const { id } = await make(`${path}/webhooks`, { url: `${origin}/hook` });
    await installation.database.query('update gk.webhooks set url = $2 where id = $1', [id, url]);
  }
  await installation.database.query(
    `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
     select c.tenant_id, c.id, 'connection.degraded', '{"code": "invalid_client"}', gk.now()
     from gk.connections c join gk.tenants t on t.id = c.tenant_id where t.slug = $1`,
    [slug],
  );
}

const readKeysOf = (number: number) =>
  fetch(`${api.origin}${tenant}/connections/none/token`, {
    headers: { authorization: `Bearer ${jwtOf(issuers[number] ?? '')}` },
  });

describe('the ways out', () => {
  it('are behind every setting that is an address', async () => {
    const { json } = await api.admin('GET', '/v1/providers');
    const named = new Set<string>();
    for (const { settings_schema } of json.items) {
      for (const [name, schema] of Object.entries<{ format?: string }>(settings_schema.properties)) {
        if (schema.format === 'uri') named.add(name);
      }
    }
    expect([...named].filter((name) => !sinks[name] && !forBrowsers.includes(name))).toEqual([]);
    expect(named.size).toBeGreaterThanOrEqual(Object.keys(sinks).length);
  });

  it('are open to an address that is allowed', async () => {
    for (const name of Object.keys(sinks)) {
      const address = `${origin}/sink/${name}`;
      await come(name, { address });
      expect({ name, came: arrived.some((url) => url.includes(`/sink/${name}`)) }).toEqual({
        name,
        came: true,
      });
    }
    const good = issuers.at(-1) ?? '';
    for (const name of namedByMetadata.filter((one) => one !== 'token_endpoint')) {
      arrived = [];
      await come(name, { issuer: good });
      expect({ name, came: arrived.includes('/named') }).toEqual({ name, came: true });
    }
    arrived = [];
    await readKeysOf(issuers.length - 1);
    expect(arrived).toContain('/named');
  }, 60_000);
});

describe('no call reaches what is not public', () => {
  it(
    'however it is spelled, whoever names it',
    async () => {
      expect(new Set(addresses).size).toBeGreaterThanOrEqual(130);
      const some = addresses.filter((_, at) => at % scaled(3, 1) === 0);
      const direct = pairs(Object.keys(sinks), some);
      const named = pairs(namedByMetadata, issuers.slice(0, addresses.length)).filter(
        (_, at) => at % scaled(12, 1) === 0,
      );
      const keys = listed.filter((at, turn) => at < addresses.length && turn % scaled(8, 1) === 0);
      await inTurn(direct, ([name, address]) => come(name, { address }));
      await inTurn(named, ([name, issuer]) => come(name, { issuer }));
      await inTurn(keys, readKeysOf);
      report(`${some.length} spellings`, direct.length + named.length + keys.length);
      expect(canary.hits).toBe(0);
    },
    allowedMs(60, 400),
  );

  it(
    'by a redirect',
    async () => {
      const targets = redirects.map((status) => redirectTo(status) ?? '');
      arrived = [];
      const tried = pairs(scaled(Object.keys(sinks).slice(1), Object.keys(sinks)), targets);
      await inTurn(tried, ([name, address]) => come(name, { address }));
      await inTurn(redirects, (_status) => readKeysOf(addresses.length + redirects.indexOf(_status)));
      report('redirects', tried.length + redirects.length);
      expect(arrived.filter((url) => url.startsWith('/redirect/')).length).toBeGreaterThanOrEqual(
        tried.length,
      );
      expect(canary.hits).toBe(0);
    },
    allowedMs(60, 120),
  );

  it(
    'by a name that turns to this machine once it has been looked at',
    async () => {
      const kinds = ['rebinding', 'inside', 'mixed'];
      const names = Object.keys(sinks);
      const tried = scaled(
        names.map((name, at): [string, string] => [
          name,
          kinds[at % 2 === 0 ? 0 : 1 + (at % 3 === 0 ? 0 : 1)] ?? '',
        ]),
        names.flatMap((name) => kinds.map((kind): [string, string] => [name, kind])),
      );
      await inTurn(tried, ([name, kind]) =>
        come(name, { address: `https://${name.replaceAll('_', '-')}.${kind}.test:${canary.port}/x` }, 2),
      );
      report('rebinding', 2 * tried.length);
      expect(canary.hits).toBe(0);
    },
    allowedMs(60, 120),
  );

  it(
    'as a webhook, when it is made or when it is told',
    async () => {
      const urls = addresses.filter((_, at) => at % scaled(8, 1) === 0);
      await inTurn(urls, async (url) => {
        const { status } = await api.admin('POST', `${tenant}/webhooks`, { url });
        // A name is judged when it is called.
        const isName = URL.canParse(url) && /(?:^|\.)localhost\.?$/.test(new URL(url).hostname);
        expect({ url, status }).toEqual({ url, status: isName && canary.port === 443 ? 201 : 400 });
      });
      const names = ['a.rebinding.test', 'b.inside.test', 'c.mixed.test'].map(
        (name) => `https://${name}:${canary.port}/x`,
      );
      const written = [...names, ...urls, `${origin}/redirect/307`];
      // A tenant has fifty webhooks at most.
      for (let at = 0; at < written.length; at += 40) await tell(`told-${at}`, written.slice(at, at + 40));
      await eventually(async () => {
        const [row] = await installation.database.query<{ webhooks: number }>(
          'select count(distinct webhook_id)::int as webhooks from gk.deliveries where attempts > 0 and last_error is not null',
        );
        expect(row?.webhooks).toBeGreaterThanOrEqual(written.length);
      }, 60_000);
      report('webhooks', urls.length + written.length);
      expect(canary.hits).toBe(0);
    },
    allowedMs(90, 240),
  );

  it('by a part of a vendor’s address that a tenant may choose', async () => {
    const here = `127.0.0.1:${canary.port}`;
    const bent = [
      `${here}/#`,
      `@${here}/`,
      `//${here}/`,
      `/\\${here}/`,
      `x@${here}#`,
      `${here}?`,
      'localhost/#',
    ];
    const choices: [string, string][] = [
      ['vonage-contact-center', 'region'],
      ['net2phone-canada', 'authorize_path'],
      ['vonage-business', 'revocation_path'],
    ];
    for (const [vendor, setting] of choices) {
      for (const value of bent) {
        const body = {
          provider: vendor,
          client_id: 'app',
          client_secret: 'secret',
          settings: { [setting]: value },
        };
        const { status } = await api.admin('POST', `${tenant}/credentials?dry_run=true`, body);
        expect({ vendor, value, status }).toEqual({ vendor, value, status: 400 });
      }
    }
    expect(canary.hits).toBe(0);
  });
});

function report(what: string, calls: number): void {
  process.stdout.write(`${what}: ${calls} attempts, ${canary.hits} hits\n`);
}
