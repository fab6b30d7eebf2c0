import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { loadSettings } from '#config';
import { EgressModule } from '#egress';
import { failureCodes, PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { ProviderCatalogModule } from '#providers';
import { problems } from '../../apps/api/problem/problems.js';
import { documentedCase, hostileCases } from '../crash/hostile-cases.js';
import { readComposeFile } from './compose-file.js';
import {
  checkout,
  codeRows,
  documentPaths,
  marked,
  readDocument,
  shellBlocks,
  tableRows,
} from './documents.js';
import { settingNames } from './setting-names.js';

const sorted = (names: Iterable<string>) => [...names].sort();

describe('docs/settings.md', () => {
  it('names every setting, and no other', () => {
    const described = codeRows(readDocument('docs/settings.md')).map(([name = '']) => name);
    expect(sorted(described)).toEqual(sorted(settingNames()));
  });

  it('gives the defaults that are in force', () => {
    const rows = codeRows(readDocument('docs/settings.md'));
    const defaultOf = (name: string) => rows.find(([row]) => row === name)?.[1];
    const settings = loadSettings({ GRANTKEEPER_KEKS: `k1:${Buffer.alloc(32).toString('base64')}` });
    expect({
      HOST: defaultOf('HOST'),
      PORT: defaultOf('PORT'),
      WORKER_PORT: defaultOf('WORKER_PORT'),
      SANDBOX_PORT: defaultOf('SANDBOX_PORT'),
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: defaultOf('GRANTKEEPER_UPSTREAM_TIMEOUT_MS'),
      GRANTKEEPER_JOURNAL_GRACE_SECONDS: defaultOf('GRANTKEEPER_JOURNAL_GRACE_SECONDS'),
      GRANTKEEPER_OUTAGE_READ_SECONDS: defaultOf('GRANTKEEPER_OUTAGE_READ_SECONDS'),
    }).toEqual({
      HOST: `\`${settings.host}\``,
      PORT: `\`${settings.port}\``,
      WORKER_PORT: `\`${settings.workerPort}\``,
      SANDBOX_PORT: `\`${settings.sandboxPort}\``,
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: `\`${settings.upstreamTimeoutMs}\``,
      GRANTKEEPER_JOURNAL_GRACE_SECONDS: `\`${settings.journalGraceSeconds}\``,
      GRANTKEEPER_OUTAGE_READ_SECONDS: `\`${settings.outageReadSeconds}\``,
    });
  });
});

describe('docs/errors.md', () => {
  const document = readDocument('docs/errors.md');

  it('lists every problem of the API with its status', () => {
    const described = codeRows(marked(document, 'problems')).map(
      ([code = '', status]) => `${code} ${status}`,
    );
    const known = Object.entries(problems).map(([code, { status }]) => `${code} ${status}`);
    expect(sorted(described)).toEqual(sorted(known));
  });

  it('lists every failure at a provider with its class and remedy', () => {
    const described = codeRows(marked(document, 'failures')).map((cells) => cells.join(' · '));
    const known = Object.entries(failureCodes).map(
      ([code, entry]) => `${code} · ${entry.class} · ${entry.remedy}`,
    );
    expect(sorted(described)).toEqual(sorted(known));
  });

  it('lists every answer that renewals are tested against, with what was seen to follow', () => {
    expect(tableRows(marked(document, 'answers'))).toEqual(hostileCases.map(documentedCase));
  });

  it('says what to do about each', () => {
    for (const [code, , , advice] of codeRows(marked(document, 'problems')))
      expect([code, advice]).toEqual([code, expect.stringMatching(/\w{3}/)]);
  });
});

describe('README.md', () => {
  it('has a row for each grant of each provider, linked to the test that runs it', async () => {
    const section = readDocument('README.md').split('## Providers and grants')[1]?.split('\n## ')[0] ?? '';
    const rows = codeRows(section).map(([id = '', grant = '', , , link = '']) => ({
      row: `${id} ${grant.replaceAll('`', '')}`,
      id,
      test: /\]\((\S+\.spec\.ts)\)/.exec(link)?.[1] ?? '',
    }));
    const module = await Test.createTestingModule({
      imports: [
        EgressModule.forRootAsync({
          useFactory: () => ({ upstreamTimeoutMs: 10_000, providerEndpoints: {}, egressAllow: [] }),
        }),
        ProviderCatalogModule,
      ],
    }).compile();
    const known = module
      .get<ProviderRegistry>(PROVIDER_REGISTRY, { strict: false })
      .list()
      .map(({ descriptor }) => descriptor);
    expect(sorted(rows.map(({ row }) => row))).toEqual(
      sorted(known.flatMap(({ id, grants }) => grants.map((grant) => `${id} ${grant}`))),
    );
    for (const { row, id, test } of rows) expect([row, readDocument(test).includes(id)]).toEqual([row, true]);
  });
});

describe('every document', () => {
  it.each(documentPaths())('%s links only to what is there', (path) => {
    const links = [...readDocument(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, link = '']) => link,
    );
    const broken = links.filter(
      (link) => !/^\w+:/.test(link) && !existsSync(join(checkout, dirname(path), link)),
    );
    expect(broken).toEqual([]);
  });

  it('has only commands that a shell can read', () => {
    const wrong = documentPaths().flatMap((path) =>
      shellBlocks(readDocument(path)).flatMap((block) => {
        const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: block, encoding: 'utf8' });
        return status === 0 ? [] : [`${path}: ${stderr}${block}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('is in docs/README.md once: as a tutorial, a how-to, reference or explanation', () => {
    const index = readDocument('docs/README.md');
    expect([...index.matchAll(/^## (.*)$/gm)].map(([, kind]) => kind)).toEqual([
      'Tutorial',
      'How-to',
      'Reference',
      'Explanation',
    ]);
    const listed = [...index.matchAll(/\]\((?!\.\.)([^)#]+)/g)].map(([, link]) => `docs/${link}`);
    const oneOfMany = /^docs\/(?:decisions|runbooks)\/(?!README)|^docs\/README/;
    const pages = documentPaths().filter((path) => path.startsWith('docs/') && !oneOfMany.test(path));
    expect(listed.sort()).toEqual(pages.sort());
  });

  it('keeps decisions short', () => {
    const folder = join(checkout, 'docs/decisions');
    for (const name of readdirSync(folder).filter((file) => /^\d{4}-/.test(file))) {
      const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length;
      expect([name, lines <= 25]).toEqual([name, true]);
    }
  });
});

const openssl = existsSync('/usr/bin/openssl') ? it : it.skip;

describe('docs/operations.md', () => {
  openssl('makes the secrets that the compose file asks for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gk-secrets-'));
    try {
      const [script = ''] = shellBlocks(marked(readDocument('docs/operations.md'), 'secrets'));
      execFileSync('/bin/sh', ['-c', script], { cwd: folder });
      const wanted = Object.values(readComposeFile(join(checkout, 'docker-compose.yml')).secrets);
      expect(readdirSync(join(folder, 'secrets')).sort()).toEqual(
        wanted.map(({ file }) => file.replace('secrets/', '')).sort(),
      );
      expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
      const value = (name: string) => readFileSync(join(folder, 'secrets', name), 'utf8');
      const settings = loadSettings({
        NODE_ENV: 'production',
        DATABASE_URL_FILE: join(folder, 'secrets/database_url'),
        GRANTKEEPER_KEKS_FILE: join(folder, 'secrets/keks'),
        GRANTKEEPER_BOOTSTRAP_KEY_FILE: join(folder, 'secrets/bootstrap_key'),
        GRANTKEEPER_PUBLIC_URL: 'https://grantkeeper.example.com',
      });
      expect(new URL(settings.databaseUrl ?? '').password).toBe(value('app_password'));
      expect(new URL(value('migrate_url')).password).toBe(value('postgres_password'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
