import type { Recipe } from './recipe.js';

const grants = 'libs/provider-kit/grants';
const adapter = 'libs/providers/generic-oauth2/generic-oauth2.adapter.ts';

/** "A grant" of CONTRIBUTING.md: one that the product does not have; one file, one row, and the list of a provider. */
export const grant: Recipe = {
  name: 'a grant',
  follow: (tree) => {
    tree.write(`${grants}/saml2-bearer.grant.ts`, saml2Bearer);
    tree.insert(`${grants}/grants.ts`, 'import { refreshTokenGrant }', importOfIt);
    tree.insert(`${grants}/grants.ts`, '  refresh_token: refreshTokenGrant,\n', row);
    tree.insert(adapter, "'client_credentials', 'authorization_code',", "'saml2_bearer', ");
  },
  changes: [`${grants}/grants.ts`, `${grants}/saml2-bearer.grant.ts`, adapter],
  // A connection is made with it over HTTP, and what is wrong with it is named.
  suite: { file: 'test/contract/saml2-bearer.spec.ts', text: () => useOfIt, tests: 4 },
};

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
  secrets: ({ assertion }) => [assertion],
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
import { migrate } from '#vault';
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
  api = await runApi(undefined, ({ url }) => migrate({ url }));
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
