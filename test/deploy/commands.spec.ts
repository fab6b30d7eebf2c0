import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '#config';
import { clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { JwtIssuer, newSigningKey } from '../support/jwt-issuer.js';
import { onboard } from '../support/onboarding.js';
import { compileCache } from '../support/role-process.js';
import { selfSigned } from '../support/self-signed.js';
import { executedElsewhere, notExecuted } from './commands.js';
import { checkout, documentPaths, readDocument, shellBlocks } from './documents.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const blocksOf = (path: string) => shellBlocks(readDocument(path));
const kek = `docs:${Buffer.alloc(32, 3).toString('base64')}`;
/** Blocks that were pasted here. */
const pasted = new Set<string>();

let installation: Installation;
let api: Api;
let issuer: JwtIssuer;
/** The home and the working directory of the person who pastes. */
let folder: string;

beforeAll(async () => {
  issuer = await JwtIssuer.start(await newSigningKey('k'));
  installation = await startInstallation({
    GRANTKEEPER_KEKS: kek,
    GRANTKEEPER_JWT_ISSUERS: JSON.stringify([{ issuer: issuer.url, audience: 'grantkeeper' }]),
  });
  api = await installation.startApi();
  const { readerKey } = await onboard(api.admin, { tenant: 'demo', connection: 'contact-center' });
  folder = mkdtempSync(join(tmpdir(), 'gk-readme-'));
  const write = (name: string, text: string, mode = 0o600) =>
    writeFileSync(join(folder, name), text, { mode });
  for (const name of ['.data', 'bin', '.config', '.config/grantkeeper']) mkdirSync(join(folder, name));
  write('.data/admin-key', `${installation.adminKey}\n`);
  write('.data/demo-key', `${readerKey}\n`);
  write('.grantkeeper-key', `${installation.adminKey}\n`);
  const other = { url: api.origin, key: installation.adminKey };
  write('.config/grantkeeper/config.json', JSON.stringify({ profiles: { other } }));
  write('bin/grantkeeper', `#!/bin/sh\nexec node ${checkout}/dist/apps/cli/main.js "$@"\n`);
  chmodSync(join(folder, 'bin/grantkeeper'), 0o700);
}, 90_000);
afterAll(async () => {
  await installation?.close();
  await issuer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a block in the shell of a person here; addresses and names of examples are those of this installation. */
function paste(block = '', names: Readonly<Record<string, string>> = {}, env: Record<string, string> = {}) {
  pasted.add(block);
  const ours: Readonly<Record<string, string>> = {
    'http://127.0.0.1:3000': api.origin,
    'https://grantkeeper.example.com': api.origin,
    'https://grantkeeper.internal': api.origin,
    'https://…': api.origin,
    'http://127.0.0.1:3100': installation.sandboxOrigin,
    'npm run -s audit --': 'grantkeeper audit',
    ...names,
  };
  const theirs = new RegExp(Object.keys(ours).map(RegExp.escape).join('|'), 'g');
  // All in one pass: an address of ours may begin like one of theirs.
  const command = block.replace(theirs, (found) => ours[found] ?? found);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-ec', command], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      NODE_COMPILE_CACHE: compileCache,
      GRANTKEEPER_URL: api.origin,
      GRANTKEEPER_KEY: installation.adminKey,
      DATABASE_URL: installation.database.url,
      GRANTKEEPER_KEKS: kek,
      ...env,
    },
  });
  return { status, stdout, stderr };
}

/** As `paste`, where nothing may be refused. */
function pasteWell(...args: Parameters<typeof paste>): string {
  const { status, stdout, stderr } = paste(...args);
  expect({ block: args[0], status, stderr }).toEqual({ block: args[0], status: 0, stderr: '' });
  expect(stdout).not.toContain('urn:grantkeeper:problem');
  return stdout;
}

/** Every command of the README, in its order, as a person would paste it; only the port is another. */
(hasCurl ? describe : describe.skip)('the commands of the README', () => {
  const blocks = blocksOf('README.md').filter((block) => block.includes('curl'));
  /** The JSON documents that a block prints, one a line. */
  const documents = (block: string | undefined) =>
    pasteWell(block)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const token = expect.objectContaining({ access_token: expect.any(String), generation: 1 });

  it('print the token of the demo tenant', () => {
    expect(documents(blocks[0])).toEqual([token]);
  });

  it('onboard a tenant with Vonage Contact Center', () => {
    expect(documents(blocks[1])).toEqual([
      expect.objectContaining({ id: 'acme' }),
      expect.objectContaining({ id: 'contact-center', provider: 'vonage-contact-center' }),
      expect.objectContaining({ status: 'active' }),
      token,
    ]);
  });

  it('do the same for Net2Phone Canada', () => {
    expect(documents(blocks[2])).toEqual([
      expect.objectContaining({ id: 'net2phone', provider: 'net2phone-canada' }),
      expect.objectContaining({ status: 'active' }),
      token,
    ]);
  });

  it('make a key that reads one token', () => {
    expect(documents(blocks[3])).toEqual([token]);
  });

  it('are refused as the README shows', () => {
    const answers = [...readDocument('README.md').matchAll(/^```json\n(.*?)^```$/gms)];
    const shown = answers.map(([, json = '']) => JSON.parse(json)).find(({ code }) => code !== undefined);
    expect(JSON.parse(paste(blocks[4]).stdout)).toEqual(shown);
  });

  it('are all of them', () => {
    expect(blocks).toHaveLength(5);
  });
});

(hasCurl ? describe : describe.skip)('the commands of the documents', () => {
  const make = async (path: string, body: object) => {
    const { status, text, json } = await api.admin('POST', `/v1/tenants/shown${path}`, body);
    if (status !== 201 && status !== 202) throw new Error(`${path}: ${status} ${text}`);
    return json;
  };
  const client = { client_id: 'app', provider: 'generic-oauth2' };
  const token_endpoint = 'https://server.example.com/token';
  const shown = { acme: 'shown' };

  it('of the command line make a tenant, read a token, and copy it all', async () => {
    const [first = '', second] = blocksOf('docs/cli.md');
    const [where = '', tenant = '', ...reading] = first.trim().split('\n');
    pasteWell(`${where}\n${tenant}`, shown);
    const { client_id, client_secret, provider, settings } = {
      ...{ client_id: 'a1b2c3d4e5', client_secret: '9pBl+xY1MW+AbsdZk4xpv7NwWxG8+oqduKiSqVybM9Y=' },
      ...{ provider: 'vonage-contact-center', settings: { region: 'emea' } },
    };
    await make('/credentials', { id: 'crm', client_id, client_secret, provider, settings });
    await make('/connections', { id: 'main', credential: 'crm', grant: 'client_credentials' });
    expect(pasteWell([where, ...reading].join('\n'), shown)).toMatch(/\S{20,}\n$/);
    pasted.add(first);
    expect(pasteWell(second)).toMatch(/ unchanged\n.* unchanged\n/s);
  });

  it('of clients exchange the JWT of a workload', async () => {
    const match = { sub: 'app:web' };
    await make('/workload_identities', { id: 'web', issuer: issuer.url, match, role: 'token_reader' });
    const jwt = await issuer.sign({ sub: 'app:web' });
    writeFileSync(join(folder, 'jwt'), jwt);
    // The issuer is in this process, which waits for the shell: its keys are read before.
    const read = clientOf(api.origin, jwt);
    expect((await read('GET', '/v1/tenants/shown/connections/main/token')).status).toBe(200);
    const [block] = blocksOf('docs/clients.md');
    const names = { ...shown, '/var/run/secrets/tokens/grantkeeper': join(folder, 'jwt') };
    expect(JSON.parse(pasteWell(block, names))).toMatchObject({ access_token: expect.any(String) });
  });

  it('of runbooks that no night needs', async () => {
    const { cert, key } = selfSigned();
    const settings = { token_endpoint, authorization_endpoint: 'https://server.example.com/authorize' };
    await make('/credentials', {
      ...{ id: 'consent', ...client, client_secret: 's' },
      settings: { ...settings, allow_unconfirmed: true },
    });
    await make('/connections', { id: 'ada', credential: 'consent', grant: 'authorization_code' });
    await make('/credentials', {
      ...{ id: 'tls', ...client, private_key: key },
      settings: { token_endpoint, client_auth: 'tls_client_auth', client_certificate: cert },
    });
    const env = { TENANT: 'shown', CONNECTION: 'ada', CREDENTIAL: 'tls', BEFORE: '2100-01-01T00:00:00Z' };
    const run = (alert: string, wanted: readonly RegExp[], names = {}) => {
      const blocks = blocksOf(`docs/runbooks/Grantkeeper${alert}.md`).slice(-wanted.length);
      for (const [at, pattern] of wanted.entries())
        expect(pasteWell(blocks[at], names, env)).toMatch(pattern);
    };
    run('AuditChainBroken', [/\d/]);
    run('Deaf', [/ok|ready/]);
    run('Down', [/# TYPE grantkeeper_/]);
    run('JournalNotEmpty', [/"held":false/]);
    run('RenewalsLate', [/^grantkeeper_renewal_lateness/m]);
    run('BreakerOpen', [/upstream_requests_total\{/, /"paused":true/]);
    run('GrantsEnding', [/"id":"shown".*"id":"main"/s, /"authorization_url":/, /^$/]);
    const next = selfSigned();
    const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
    run('ProviderTls', [/"id":"tls"/], {
      '"private_key":"…"': `"private_key":"${inJson(next.key)}"`,
      '"client_certificate":"…"': `"client_certificate":"${inJson(next.cert)}"`,
    });
  });

  it('of operations keep a checkpoint of the audit, and verify from it', () => {
    const block = blocksOf('docs/operations.md').find((one) => one.includes('checkpoint'));
    expect(pasteWell(block, shown, { KEY: installation.adminKey })).toMatch(/\d/);
  });

  it('that set something are taken as settings', () => {
    const dump = `\nnode -e 'process.stdout.write(JSON.stringify(process.env))'`;
    const setting = /^(?:export )?(?:GRANTKEEPER_(?:KEKS|JWT_ISSUERS)|DATABASE_URL)=/;
    const all = ['docs/keys.md', 'docs/workload-identities.md', 'docs/pgbouncer.md'].flatMap(blocksOf);
    const set = all.filter((block) => setting.test(block));
    expect(set).toHaveLength(4);
    for (const block of set) {
      pasted.add(block);
      const token = join(folder, 'jwt');
      const values = JSON.parse(
        pasteWell(`set -a\n${block}${dump}`, { '/run/secrets/transit_token': token }),
      );
      expect(Object.keys(loadSettings(values)).length).toBeGreaterThan(10);
    }
  });

  it('of the sandbox, last, for it goes wrong by them', () => {
    const outputs = blocksOf('docs/sandbox.md').map((block) => pasteWell(block));
    expect(outputs).toHaveLength(4);
    expect(outputs.join('')).not.toMatch(/"(?:error|code|statusCode)":/);
  });

  it('are all executed, but those of which it is said why not', () => {
    const reasons = Object.keys(notExecuted);
    const all = documentPaths().flatMap((path) =>
      blocksOf(path).map((block) => ({ path, block, begin: block.slice(0, 60) })),
    );
    const reasoned = (block: string) => reasons.some((begin) => block.startsWith(begin));
    const left = all.filter(
      ({ path, block }) => !pasted.has(block) && !executedElsewhere[path] && !reasoned(block),
    );
    expect(left.map(({ path, begin }) => `${path}: ${begin}`)).toEqual([]);
    expect(reasons.filter((begin) => !all.some(({ block }) => block.startsWith(begin)))).toEqual([]);
    for (const [path, suite] of Object.entries(executedElsewhere)) {
      const name = path.split('/').at(-1)?.replace(/\.md$/, '') ?? '';
      expect([path, readDocument(suite).includes(name)]).toEqual([path, true]);
    }
  });
});
