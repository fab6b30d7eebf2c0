import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClientSecret, PROVIDER_REGISTRY, ProviderRegistry } from '#provider-kit';
import {
  type Core,
  connectClient,
  createCore,
  createTenant,
  createTestDatabase,
  type RunningSandbox,
  type SandboxControl,
  sandboxControl,
  startSandbox,
  type TestDatabase,
  type TestTenant,
} from '#testing';
import { ConnectionRepository, CredentialRepository } from '#vault';
import { ConnectService } from './connect.service.js';
import { CredentialVerifier } from './credential-verifier.js';

describe('first tokens', () => {
  let database: TestDatabase;
  let running: RunningSandbox;
  let sandbox: SandboxControl;
  let core: Core;
  let tenant: TestTenant;

  beforeAll(async () => {
    database = await createTestDatabase();
    running = await startSandbox();
    sandbox = sandboxControl(running.origin);
    core = await createCore({ database, sandbox: running.origin });
  });
  beforeEach(async () => {
    await sandbox.clearRules();
    tenant = await createTenant(core, sandbox);
  });
  afterAll(async () => {
    await core.close();
    await running.close();
    await database.drop();
  });

  const connect = (slug = 'main') =>
    core.get(ConnectService).connect(tenant.id, {
      slug,
      credential: tenant.credential,
      grant: 'client_credentials',
      subject: null,
      requestedScope: null,
      renewal: 'auto',
    });
  /** Rows of the tenant that a connection would have left. */
  async function leftBehind() {
    const [left] = await database.query(
      `select (select count(*)::int from gk.connections where tenant_id = $1) as connections,
         (select count(*)::int from gk.token_sets where tenant_id = $1) as tokens,
         (select count(*)::int from gk.intents where tenant_id = $1) as intents,
         (select count(*)::int from gk.connection_events where tenant_id = $1) as events`,
      [tenant.id],
    );
    return left;
  }

  describe('connect', () => {
    it('answers with an active connection of generation 1, and its history begins', async () => {
      const result = await connect();
      expect(result).toMatchObject({
        kind: 'active',
        connection: {
          slug: 'main',
          status: 'active',
          generation: 1,
          lastError: null,
          grant: 'client_credentials',
        },
      });
      expect((await sandbox.counts(tenant.clientId)).issued).toBe(1);
      expect(await leftBehind()).toEqual({ connections: 1, tokens: 1, intents: 0, events: 1 });
    });

    it.each([
      ['refused', { status: 400, body: { error: 'unauthorized_client' } }],
      ['refused', { status: 400, body: { error: 'invalid_grant' } }],
      ['unavailable', { status: 500, body: '{}' }],
      ['unavailable', { drop: 'after' }],
      ['unavailable', { delay_ms: 10_000 }],
      ['refused', { status: 200, body: 'not a token' }],
    ])('is %s and leaves nothing after %j', async (kind, rule) => {
      await sandbox.rule(rule);
      expect((await connect()).kind).toBe(kind);
      expect(await leftBehind()).toEqual({ connections: 0, tokens: 0, intents: 0, events: 0 });
      // The name is free again.
      expect((await connect()).kind).toBe('active');
    });

    it('says why the provider refused, and nothing secret', async () => {
      await sandbox.register({
        provider: tenant.provider,
        client_id: tenant.clientId,
        client_secret: 'another over there',
      });
      const result = await connect();
      expect(result).toMatchObject({
        kind: 'refused',
        failure: {
          code: 'invalid_client',
          providerError: 'invalid_client',
          remedy: expect.stringMatching(/\w/),
        },
      });
      expect(JSON.stringify(result)).not.toContain(tenant.clientSecret);
    });

    it('passes on how long the provider wants to be left alone', async () => {
      await sandbox.rule({ status: 503, body: '{}', headers: { 'retry-after': '17' } });
      expect(await connect()).toMatchObject({
        kind: 'unavailable',
        retryAfterSeconds: 17,
        failure: { code: 'temporarily_unavailable' },
      });
    });

    it('refuses a name that is taken before it asks the provider, and leaves the first as it was', async () => {
      await connectClient(core, tenant);
      await expect(connect()).rejects.toMatchObject({ code: 'duplicate' });
      expect((await sandbox.counts(tenant.clientId)).arrived).toBe(1);
      expect(await core.get(ConnectionRepository).find(tenant.id, 'main')).toMatchObject({ generation: 1 });
    });

    it('lets one of two that are made at once under one name win', async () => {
      const both = await Promise.allSettled([connect('same'), connect('same')]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await leftBehind()).toMatchObject({ connections: 1, tokens: 1 });
    });
  });

  describe('verify', () => {
    const verify = (value: string, settings: Record<string, unknown> = { region: 'emea' }) => {
      const provider = core.get<ProviderRegistry>(PROVIDER_REGISTRY).get(tenant.provider);
      const secret: ClientSecret = { kind: 'client_secret', value };
      return core.get(CredentialVerifier).verify(provider, { clientId: tenant.clientId, secret, settings });
    };

    it('tells a right secret from a wrong one, by asking', async () => {
      expect(await verify(tenant.clientSecret)).toEqual({ ok: true });
      const wrong = await verify('guessed');
      expect(wrong).toMatchObject({ ok: false, failure: { code: 'invalid_client', class: 'configuration' } });
      expect(JSON.stringify(wrong)).not.toContain('guessed');
      expect(await leftBehind()).toEqual({ connections: 0, tokens: 0, intents: 0, events: 0 });
    });

    it('does not take a breakdown for a wrong secret', async () => {
      await sandbox.rule({ status: 503, body: '{}', headers: { 'retry-after': '5' } });
      expect(await verify(tenant.clientSecret)).toMatchObject({
        ok: false,
        failure: { code: 'temporarily_unavailable', class: 'transient', retryAfterSeconds: 5 },
      });
      await sandbox.rule({ drop: 'before' });
      expect(await verify(tenant.clientSecret)).toMatchObject({
        ok: false,
        failure: { code: 'connection_dropped' },
      });
    });

    it('cannot tell where the provider wants a scope first', async () => {
      expect(await verify(tenant.clientSecret, { region: 'emea', auth_generation: 'current' })).toEqual({
        ok: null,
        reason: 'not_verifiable',
      });
    });
  });

  it('keeps client secrets sealed: none is in any row', async () => {
    await connectClient(core, tenant);
    await core.get(CredentialRepository).addSecret(tenant.id, tenant.credential.id, {
      kind: 'client_secret',
      value: 'canary-secret-value',
    });
    const tables = await database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'gk'::regnamespace and relkind in ('r', 'p')`,
    );
    for (const { name } of tables) {
      const [dump] = await database.query<{ text: string | null }>(
        `select string_agg(t::text, ' ') as text from gk.${name} t`,
      );
      expect(dump?.text ?? '').not.toContain('canary-secret-value');
      expect(dump?.text ?? '').not.toContain(tenant.clientSecret);
    }
  });
});
