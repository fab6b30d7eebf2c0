import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeCopy } from '../support/tree-copy.js';
import type { Recipe } from './recipe.js';

const root = join(import.meta.dirname, '../..');
const catalog = 'libs/providers/provider-catalog.module.ts';
const issuers = 'apps/sandbox/issuers/issuer-list.ts';
const preset = 'libs/providers/generic-oauth2/presets/acme-login.json';

/** "A provider" of CONTRIBUTING.md: the one that is most like it, renamed; and a preset, which is one file. */
export const provider: Recipe = {
  name: 'a provider',
  follow: (tree) => {
    copyRenamed(tree, 'libs/providers/net2phone-canada');
    tree.insert(catalog, 'import { genericOauth2 }', moduleImport);
    tree.insert(catalog, '  vonageNetwork,\n', '  acmeTelephony,\n');
    copyRenamed(tree, 'apps/sandbox/issuers/net2phone-canada');
    tree.insert(issuers, 'import { genericOauth2 }', issuerImport);
    tree.insert(issuers, 'vonageContactCenter(), ', 'acmeTelephony(), ');
    tree.write(preset, JSON.stringify(acmeLogin));
  },
  changes: ['apps/sandbox/issuers/acme-telephony', issuers, 'libs/providers/acme-telephony', preset, catalog],
  // A connection is made at its issuer over HTTP, and its preset is on offer.
  suite: { file: 'test/contract/acme-telephony.spec.ts', text: () => useOfIt, tests: 1 },
};

function copyRenamed(tree: TreeCopy, folder: string): void {
  const renamed = (text: string) =>
    text
      .replaceAll('net2phone-canada', 'acme-telephony')
      .replaceAll('Net2phoneCanada', 'AcmeTelephony')
      .replaceAll('net2phoneCanada', 'acmeTelephony')
      // All issuers of the sandbox have one host.
      .replaceAll(/(?<=')\/(?=(?:api|oauth)\/)/g, '/acme/');
  for (const name of readdirSync(join(root, folder))) {
    if (name.endsWith('.spec.ts')) continue;
    const file = join(folder, name);
    tree.write(renamed(file), renamed(readFileSync(join(root, file), 'utf8')));
  }
}

const moduleImport = "import { acmeTelephony } from './acme-telephony/acme-telephony.module.js';\n";
const issuerImport = "import { acmeTelephony } from './acme-telephony/acme-telephony.issuer.js';\n";

const acmeLogin = {
  title: 'Acme Login',
  documentation_url: 'https://docs.acme.example/oauth',
  verified: false,
  settings: { issuer: 'https://login.acme.example' },
};

const useOfIt = `
import { expect, it } from '@jest/globals';
import { migrate } from '#vault';
import { expectStatus, runApi } from './running-api.js';

it('is served', async () => {
  const api = await runApi(undefined, ({ url }) => migrate({ url }));
  const { json } = await expectStatus(200, api.admin('GET', '/v1/providers'));
  expect(json.items.map(({ id }: { id: string }) => id)).toContain('acme-telephony');
  expect(JSON.stringify(json.items)).toContain('acme-login');
  await expectStatus(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
  // The client that this issuer knows from the vendor's page.
  const client = { client_id: '0123456789', client_secret: '0123456789012345678901234567890' };
  const credential = { id: 'client', provider: 'acme-telephony', ...client };
  await expectStatus(201, api.admin('POST', '/v1/tenants/acme/credentials', credential));
  const connection = { id: 'main', credential: 'client', grant: 'client_credentials' };
  const made = await expectStatus(201, api.admin('POST', '/v1/tenants/acme/connections', connection));
  expect(made.json).toMatchObject({ provider: 'acme-telephony', status: 'active', generation: 1 });
  await expectStatus(200, api.admin('GET', '/v1/tenants/acme/connections/main/token'));
  await api.close();
}, 60_000);
`.trimStart();
