import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from './source-files.js';

const run = promisify(execFile);
const grants = 'libs/provider-kit/grants';
const adapter = 'libs/providers/generic-oauth2/generic-oauth2.adapter.ts';

/** A repository that the environment names, as in a hook, is not the copy's. */
const withoutGit = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
);

/** A copy of the tree with a grant more: what CONTRIBUTING.md tells to do, and nothing else. */
describe('adding a grant', () => {
  let tree = '';
  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'adding-a-grant-'));
    const made = /^(?:\.git|node_modules|dist.*|\.runtime|\.data|coverage|secrets)$/;
    cpSync(root, tree, { recursive: true, filter: (path) => !made.test(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'As it was');
    addGrant();
    await git('add', '--all');
  }, 60_000);
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('touches one file, one row, and the list of a provider', async () => {
    const changes = (await git('diff', '--cached', '--numstat')).trim().split('\n');
    expect(changes.map((line) => line.split('\t'))).toEqual([
      ['2', '0', `${grants}/grants.ts`],
      [expect.any(String), '0', `${grants}/saml2-bearer.grant.ts`],
      ['1', '1', adapter],
    ]);
  });

  it('type-checks', async () => {
    expect(await outputOf('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')).toBe('');
  }, 120_000);

  it('serves it: a connection is made with it over HTTP, and what is wrong with it is named', async () => {
    writeFileSync(join(tree, 'test/contract/saml2-bearer.spec.ts'), useOfIt);
    const output = await outputOf(
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      // The server of this run is there for it too.
      ...['--globalSetup=', '--globalTeardown=', '--runInBand', 'test/contract/saml2-bearer.spec.ts'],
    );
    expect(output).toMatch(/^Tests: +4 passed, 4 total$/m);
  }, 120_000);

  const git = async (...words: string[]) => {
    const nobody = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.invalid'];
    const options = ['-c', 'commit.gpgsign=false', ...nobody];
    return (await run('git', [...options, ...words], { cwd: tree, env: withoutGit })).stdout;
  };

  /** Of a program run by node in the copy; where it fails, of its failure. */
  const outputOf = async (...words: string[]) => {
    const ended = run(process.execPath, words, { cwd: tree });
    const { stdout, stderr } = await ended.catch((failure: { stdout: string; stderr: string }) => ({
      stdout: `failed: ${failure.stdout}`,
      stderr: failure.stderr,
    }));
    return stdout + stderr;
  };

  function addGrant(): void {
    writeFileSync(join(tree, grants, 'saml2-bearer.grant.ts'), saml2Bearer);
    edit(`${grants}/grants.ts`, /(?=^import \{ refreshTokenGrant \})/m, importOfIt);
    edit(`${grants}/grants.ts`, /(?<=^ {2}refresh_token: refreshTokenGrant,\n)/m, row);
    edit(adapter, /(?<=^ {4}grants: \[)/m, "'saml2_bearer', ");
  }

  function edit(path: string, at: RegExp, inserted: string): void {
    const before = readFileSync(join(tree, path), 'utf8');
    expect(before).toMatch(at);
    writeFileSync(join(tree, path), before.replace(at, inserted));
  }
});

const importOfIt = "import { saml2BearerGrant } from './saml2-bearer.grant.js';\n";
const row = '  saml2_bearer: saml2BearerGrant,\n';

const saml2Bearer = `
import { z } from 'zod';
import { type Grant, scopeOf } from './grant.js';
import { scopeField } from './grant-fields.js';

interface Saml2BearerRequest {
  readonly assertion: string;
  readonly scope?: string;
}

const fields = z.strictObject({
  scope: scopeField,
  assertion: z
    .string()
    .regex(/^[\\w-]+$/, 'must be an assertion in base64url')
    .meta({ writeOnly: true }),
});

/** RFC 7522 §2.1. */
export const saml2BearerGrant: Grant<Saml2BearerRequest, typeof fields> = {
  traits: {
    consent: 'none',
    owner: 'user',
    keepsRefreshToken: false,
    repeatable: false,
    singleUse: 'always',
    polled: false,
    unknownIsFinal: true,
  },
  fields,
  form: ({ assertion, scope }) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
    assertion,
    scope,
  }),
  fromFields: ({ assertion, scope }) => ({ assertion, ...scopeOf(scope) }),
};
`.trimStart();

const useOfIt = `
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Loopback, serve } from '#testing';
import { expectStatus, type RunningApi, runApi } from './running-api.js';

const connections = '/v1/tenants/acme/connections';
const forms: Record<string, string>[] = [];
let server: Loopback;
let api: RunningApi;

beforeAll(async () => {
  server = await serve(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    forms.push(form);
    const isRight = form['assertion'] === 'PHNhbWw-';
    response.writeHead(isRight ? 200 : 400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        isRight
          ? { access_token: 'for-an-assertion', token_type: 'Bearer', expires_in: 3600 }
          : { error: 'invalid_grant' },
      ),
    );
  });
  api = await runApi();
  await expectStatus(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
  const credential = {
    id: 'client',
    provider: 'generic-oauth2',
    client_id: 'c',
    client_secret: 'a-secret',
    settings: { token_endpoint: server.origin + '/token', client_auth: 'client_secret_post' },
  };
  await expectStatus(201, api.admin('POST', '/v1/tenants/acme/credentials', credential));
  forms.length = 0;
});
afterAll(async () => {
  await api.close();
  await server.close();
});

const connect = (fields: object) =>
  api.admin('POST', connections, { id: 'main', credential: 'client', grant: 'saml2_bearer', ...fields });

it.each([
  ['a bad assertion', { assertion: '<saml>' }, 'assertion'],
  ['none', {}, 'assertion'],
  ['a field of another grant', { assertion: 'PHNhbWw-', refresh_token: 'r' }, 'refresh_token'],
])('refuses %s', async (_, fields, field) => {
  const { status, json } = await connect(fields);
  expect({ status, json }).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  expect(json.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  expect(forms).toEqual([]);
});

it('makes a connection with it, and hands its token out', async () => {
  expect(await connect({ assertion: 'YW5vdGhlcg' })).toMatchObject({ status: 422 });
  const made = await expectStatus(201, connect({ assertion: 'PHNhbWw-', scope: 'a b' }));
  expect(made.json).toMatchObject({ grant: 'saml2_bearer', status: 'active', generation: 1 });
  const { json } = await expectStatus(200, api.admin('GET', connections + '/main/token'));
  expect(json.access_token).toBe('for-an-assertion');
  expect(forms.at(-1)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
    assertion: 'PHNhbWw-',
    scope: 'a b',
    client_id: 'c',
    client_secret: 'a-secret',
  });
});
`.trimStart();
