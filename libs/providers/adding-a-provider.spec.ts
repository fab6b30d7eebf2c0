import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** A part of the tree, with a provider and a preset more: what README.md tells to do, and nothing else. */
describe('adding a provider', () => {
  let tree = '';
  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'adding-a-provider-'));
    for (const lib of ['provider-kit', 'egress', 'oauth-http', 'providers']) {
      cpSync(join(root, 'libs', lib), join(tree, 'libs', lib), {
        recursive: true,
        filter: (path) => !/\.spec\.ts$|\.spec-support\.ts$|\/spec-support$/.test(path),
      });
    }
    for (const file of ['package.json', '.swcrc']) cpSync(join(root, file), join(tree, file));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    addProvider(join(tree, 'libs/providers'));
    addPreset(join(tree, 'libs/providers/generic-oauth2/presets'));
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('type-checks', async () => {
    const compilerOptions = { rootDir: '.' };
    const tsconfig = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['libs'] };
    writeFileSync(join(tree, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: tree }).catch(
      (failure: { stdout: string; stderr: string }) => ({
        stdout: `failed: ${failure.stdout}${failure.stderr}`,
      }),
    );
    expect(stdout).toBe('');
  }, 120_000);

  it('builds, loads, and is in the registry, its preset on offer', async () => {
    const swc = join(root, 'node_modules/@swc/cli/bin/swc.js');
    await run(process.execPath, [swc, 'libs', '--out-dir', 'dist', '--copy-files', '--quiet'], { cwd: tree });
    writeFileSync(join(tree, 'list.mjs'), listProviders);
    const { stdout } = await run(process.execPath, ['list.mjs'], { cwd: tree });
    const { ids, presets } = JSON.parse(stdout);
    expect(ids).toContain('acme-telephony');
    expect(ids.length).toBe(foldersOf(join(tree, 'libs/providers')).length);
    expect(presets).toContain('acme-login');
  }, 120_000);

  it('touches one folder and the catalog', () => {
    const changed = foldersOf(join(tree, 'libs/providers')).filter(
      (name) => !foldersOf(join(root, 'libs/providers')).includes(name),
    );
    expect(changed).toEqual(['acme-telephony']);
    const [before, after] = [root, tree].map((at) =>
      readFileSync(join(at, 'libs/providers/provider-catalog.module.ts'), 'utf8').split('\n'),
    );
    expect(after?.filter((line) => !before?.includes(line))).toEqual([
      "import { acmeTelephony } from './acme-telephony/acme-telephony.module.js';",
      '  acmeTelephony,',
    ]);
  });
});

/** The folder of the provider that is most like it, renamed, and its entry in the catalog. */
function addProvider(providers: string): void {
  const folder = join(providers, 'acme-telephony');
  cpSync(join(providers, 'net2phone-canada'), folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const renamed = join(folder, name.replace('net2phone-canada', 'acme-telephony'));
    renameSync(join(folder, name), renamed);
    const text = readFileSync(renamed, 'utf8');
    writeFileSync(
      renamed,
      text
        .replaceAll('net2phone-canada', 'acme-telephony')
        .replaceAll('et2phoneCanada', 'cmeTelephony')
        .replaceAll('Ncme', 'Acme')
        .replaceAll('ncme', 'acme'),
    );
  }
  const catalog = join(providers, 'provider-catalog.module.ts');
  const lines = readFileSync(catalog, 'utf8')
    .replace(
      /^(?=import \{ genericOauth2 \})/m,
      "import { acmeTelephony } from './acme-telephony/acme-telephony.module.js';\n",
    )
    .replace(/(?<=^const providers = \[\n)/m, '  acmeTelephony,\n');
  writeFileSync(catalog, lines);
}

function addPreset(folder: string): void {
  const preset = {
    title: 'Acme Login',
    documentation_url: 'https://docs.acme.example/oauth',
    verified: false,
    settings: { issuer: 'https://login.acme.example' },
  };
  writeFileSync(join(folder, 'acme-login.json'), JSON.stringify(preset));
}

function foldersOf(providers: string): string[] {
  return readdirSync(providers, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Run by node on what was built. */
const listProviders = `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { EgressModule } from '#egress';
import { PROVIDER_REGISTRY } from '#provider-kit';
import { ProviderCatalogModule } from '#providers';

class AppModule {}
const options = { upstreamTimeoutMs: 10_000, providerEndpoints: {}, egressAllow: [] };
const module = {
  module: AppModule,
  imports: [EgressModule.forRootAsync({ useFactory: () => options }), ProviderCatalogModule],
};
const app = await NestFactory.createApplicationContext(module, { logger: ['error'] });
const registry = app.get(PROVIDER_REGISTRY);
const { settingsSchema } = registry.get('generic-oauth2').descriptor;
const { z } = await import('zod');
const presets = z.toJSONSchema(settingsSchema, { io: 'input' }).properties.preset.enum;
console.log(JSON.stringify({ ids: registry.list().map(({ descriptor }) => descriptor.id), presets }));
await app.close();
`;
