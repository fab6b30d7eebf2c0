import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings, SETTINGS, type Settings, SettingsModule } from '#config';
import { EgressModule } from '#egress';
import { CLOCK, type Clock, systemClock } from '#provider-kit';
import { createTestDatabase, eventually, type TestDatabase } from '#testing';
import { ApiKeyRepository, ChangeFeed } from '#vault';
import { AccessModule } from './access.module.js';
import { generateApiKey, hashApiKey } from './api-key.js';
import { Authenticator } from './authenticator.js';

let aheadMs = 0;
const clock: Clock = { now: systemClock.now, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
const outageReadSeconds = 60;

let database: TestDatabase;
let module: TestingModule;
let authenticator: Authenticator;
beforeAll(async () => {
  database = await createTestDatabase();
  const settings = loadSettings({
    DATABASE_URL: database.url,
    GRANTKEEPER_KEKS: `k:${Buffer.alloc(32).toString('base64')}`,
    GRANTKEEPER_BOOTSTRAP_KEY: 'the first key of this database, used by nobody',
    GRANTKEEPER_OUTAGE_READ_SECONDS: String(outageReadSeconds),
  });
  const egress = EgressModule.forRootAsync({ inject: [SETTINGS], useFactory: (all: Settings) => all });
  const building = Test.createTestingModule({ imports: [SettingsModule, egress, AccessModule] });
  module = await building
    .overrideProvider(SETTINGS)
    .useValue(settings)
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  await module.init();
  authenticator = module.get(Authenticator, { strict: false });
});
afterAll(async () => {
  await module.close();
  await database.drop();
});
beforeEach(() => eventually(() => expect(module.get(ChangeFeed, { strict: false }).hearing).toBe(true)));

async function newKey(expiresAt: Date | null = null): Promise<string> {
  const key = generateApiKey('platform_admin');
  const row = { tenantId: null, name: 'x', role: 'platform_admin', connections: null, expiresAt };
  await module.get(ApiKeyRepository, { strict: false }).create({ ...row, hash: hashApiKey(key) });
  return key;
}

/** Takes a key away; unheard, as if the notification had been lost on the way. */
async function remove(key: string, { unheard = false } = {}): Promise<void> {
  if (unheard) await database.query("set session_replication_role = 'replica'");
  await database.query('delete from gk.api_keys where hash = $1', [hashApiKey(key)]);
  if (unheard) await database.query("set session_replication_role = 'origin'");
}

describe('Authenticator', () => {
  it('refuses a key within a second of its removal', async () => {
    const key = await newKey();
    expect(await authenticator.authenticate(key)).toMatchObject({ role: 'platform_admin', tenantId: null });
    await remove(key);
    await eventually(async () => expect(await authenticator.authenticate(key)).toBeUndefined(), 1_000);
  });

  it('asks nobody while it hears, and asks again once it has been deaf for two seconds', async () => {
    const key = await newKey();
    await authenticator.authenticate(key);
    await remove(key, { unheard: true });
    expect(await authenticator.authenticate(key)).toBeDefined();
    aheadMs += 2_001;
    expect(await authenticator.authenticate(key)).toBeUndefined();
  });

  it('ends a remembered key at its own end', async () => {
    const key = await newKey(new Date(Date.now() + 60_000));
    expect(await authenticator.authenticate(key)).toBeDefined();
    await database.setClockOffset(61);
    aheadMs += 61_000;
    expect(await authenticator.authenticate(key)).toBeUndefined();
    await database.setClockOffset(0);
  });

  it('knows a key through an outage for the time that is set, and nobody else', async () => {
    const known = await newKey();
    const unknown = await newKey();
    await authenticator.authenticate(known);
    const restore = await database.interrupt();
    try {
      aheadMs += (outageReadSeconds - 10) * 1_000;
      expect(await authenticator.authenticate(known)).toBeDefined();
      await expect(authenticator.authenticate(unknown)).rejects.toThrow();
      aheadMs += 11_000;
      await expect(authenticator.authenticate(known)).rejects.toThrow();
    } finally {
      await restore();
    }
    expect(await authenticator.authenticate(unknown)).toBeDefined();
  });

  it('gives the first key to an empty database only', async () => {
    const first = 'the first key of this database, used by nobody';
    expect(await authenticator.authenticate(first)).toMatchObject({ role: 'platform_admin' });
    const [row] = await database.query<{ count: number }>(
      "select count(*)::int as count from gk.api_keys where name = 'bootstrap'",
    );
    expect(row?.count).toBe(1);
  });
});
