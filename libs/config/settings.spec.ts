import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from './settings.js';

const dataDir = mkdtempSync(join(tmpdir(), 'gk-settings-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const kek = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
const load = (env: Record<string, string>) => loadSettings({ GRANTKEEPER_DATA_DIR: dataDir, ...env });

describe('settings', () => {
  it('has the defaults of the contract', () => {
    expect(load({ GRANTKEEPER_KEKS: kek })).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      sandboxPort: 3100,
      workerPort: 3001,
      upstreamTimeoutMs: 10_000,
      journalGraceSeconds: 300,
      outageReadSeconds: 60,
      accessLog: false,
      providerEndpoints: {},
      egressAllow: [],
      trustedProxies: [],
      tenantQuotas: { connections: 1_000_000, credentials: 10_000, api_keys: 10_000, open_links: 10_000 },
    });
  });

  it('makes a key-encryption key once, readable by its owner only', () => {
    const first = load({}).keyEncryptionKeys;
    expect(first).toMatchObject([{ kind: 'local', key: { length: 32 } }]);
    expect(statSync(join(dataDir, 'keks')).mode & 0o777).toBe(0o600);
    expect(load({}).keyEncryptionKeys).toEqual(first);
  });

  it('reads NAME_FILE, and lets NAME win', () => {
    const file = join(dataDir, 'port');
    writeFileSync(file, '4000\n');
    expect(load({ PORT_FILE: file, GRANTKEEPER_KEKS: kek }).port).toBe(4000);
    expect(load({ PORT_FILE: file, PORT: '5000', GRANTKEEPER_KEKS: kek }).port).toBe(5000);
    expect(() => load({ PORT_FILE: join(dataDir, 'absent') })).toThrow('PORT_FILE');
  });

  it('lists keys of key services among the others', () => {
    const file = join(dataDir, 'transit-token');
    writeFileSync(file, 'first\n');
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1234';
    const url = 'https://bao.example:8200/v1/ns/transit/keys/grantkeeper';
    const GRANTKEEPER_KEKS = `a:aws-kms:${arn},b:transit:${url},${kek},c:aws-kms:alias/gk`;
    expect(() => load({ GRANTKEEPER_KEKS })).toThrow('GRANTKEEPER_TRANSIT_TOKEN');
    const settings = load({ GRANTKEEPER_KEKS, GRANTKEEPER_TRANSIT_TOKEN_FILE: file });
    expect(settings.keyEncryptionKeys).toMatchObject([
      { id: 'a', kind: 'aws_kms', keyId: arn },
      { id: 'b', kind: 'transit', url },
      { id: 'k1', kind: 'local' },
      { id: 'c', kind: 'aws_kms', keyId: 'alias/gk' },
    ]);
    expect(settings.transitToken?.()).toBe('first');
    writeFileSync(file, 'second\n');
    expect(settings.transitToken?.()).toBe('second');
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://x'],
    ['GRANTKEEPER_BOOTSTRAP_KEY', 'canary-too-short'],
    ['GRANTKEEPER_KEKS', 'canary'],
    ['GRANTKEEPER_KEKS', 'k1:c2hvcnQ='],
    ['GRANTKEEPER_KEKS', `${kek},${kek}`],
    ['GRANTKEEPER_KEKS', 'k1:aws-kms:canary key'],
    ['GRANTKEEPER_KEKS', 'k1:transit:http://canary.example.com/v1/transit/keys/k'],
    ['GRANTKEEPER_KEKS', 'k1:transit:https://canary.example.com/v1/transit/k'],
    ['GRANTKEEPER_PROVIDER_ENDPOINTS', '{"x":"http://canary.example.com"}'],
    ['GRANTKEEPER_PROVIDER_ENDPOINTS', '{"x":"http://127.0.0.1:1/canary"}'],
    ['GRANTKEEPER_PROVIDER_ENDPOINTS', '{canary'],
    ['GRANTKEEPER_EGRESS_ALLOW', 'canary'],
    ['GRANTKEEPER_TRUSTED_PROXIES', '10.0.0.0/8,canary'],
    ['GRANTKEEPER_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['GRANTKEEPER_UPSTREAM_TIMEOUT_MS', '-1'],
    ['GRANTKEEPER_JWT_ISSUERS', '[{}]'],
    ['GRANTKEEPER_JWT_ISSUERS', '[{"issuer":"https://canary.example","audience":""}]'],
    ['GRANTKEEPER_JWT_ISSUERS', '[{"issuer":"spiffe://canary","audience":"a"}]'],
    ['GRANTKEEPER_JWT_ISSUERS', '[{"issuer":"spiffe://canary","audience":"a","jwks_uri":"file:///canary"}]'],
    ['GRANTKEEPER_JWT_ISSUERS', '[{"issuer":"https://canary.example","audience":"a","tenant_claim":"t"}]'],
    [
      'GRANTKEEPER_JWT_ISSUERS',
      JSON.stringify(['a', 'b'].map((audience) => ({ issuer: 'https://canary.example', audience }))),
    ],
    ['GRANTKEEPER_TENANT_QUOTAS', '{"connections":0}'],
    ['GRANTKEEPER_TENANT_QUOTAS', '{"canary":1}'],
  ])('refuses a wrong %s by name, without its value', (name, value) => {
    const message = errorOf(() => load({ [name]: value }));
    expect(message).toContain(name);
    expect(message).not.toContain('canary');
  });

  it('accepts loopback over http and anything over https as a provider endpoint', () => {
    const endpoints = { a: 'http://127.0.0.1:3100', b: 'http://[::1]:1', c: 'https://proxy.example.com' };
    expect(
      load({ GRANTKEEPER_KEKS: kek, GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify(endpoints) })
        .providerEndpoints,
    ).toEqual(endpoints);
  });

  it('invents nothing in production', () => {
    const production = { NODE_ENV: 'production' };
    expect(() => load(production)).toThrow('DATABASE_URL');
    const withDatabase = { ...production, DATABASE_URL: 'postgres://db/x' };
    expect(() => load(withDatabase)).toThrow('GRANTKEEPER_KEKS');
    expect(() => load({ ...withDatabase, GRANTKEEPER_KEKS: kek })).toThrow('GRANTKEEPER_BOOTSTRAP_KEY');
    const withKeys = { ...withDatabase, GRANTKEEPER_KEKS: kek, GRANTKEEPER_BOOTSTRAP_KEY: 'x'.repeat(32) };
    expect(() => load(withKeys)).toThrow('GRANTKEEPER_PUBLIC_URL must be an https URL');
    const plain = { ...withKeys, GRANTKEEPER_PUBLIC_URL: 'http://127.0.0.1:3000' };
    expect(() => load(plain)).toThrow('GRANTKEEPER_PUBLIC_URL must be an https URL');
    const secure = { ...withKeys, GRANTKEEPER_PUBLIC_URL: 'https://grantkeeper.example.com' };
    expect(load(secure).production).toBe(true);
    expect(readFileSync(join(dataDir, 'keks'), 'utf8')).toMatch(/^local-1:/);
  });
});

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('did not throw');
}
