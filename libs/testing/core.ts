import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings, SETTINGS } from '#config';
import { CoreModule } from '#core';
import { CLOCK, type Clock } from '#provider-kit';
import type { TestDatabase } from './test-database.js';

export interface CoreOptions {
  readonly database: Pick<TestDatabase, 'url'>;
  /** Origin of the sandbox that stands in for every provider. */
  readonly sandbox: string;
  /** Settings of CONTRACT.md over the defaults of a test. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

/** One replica. Several on one database share nothing but it. */
export interface Core {
  get<T>(token: Type<T> | symbol | string): T;
  /** Drains and stops it, as SIGTERM does. */
  close(): Promise<void>;
}

/** The key-encryption key every replica of a test shares unless told otherwise. */
const kek = `test-1:${randomBytes(32).toString('base64')}`;

export async function createCore({ database, sandbox, env = {}, clock }: CoreOptions): Promise<Core> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-core-'));
  const settings = loadSettings({
    DATABASE_URL: database.url,
    GRANTKEEPER_DATA_DIR: dataDir,
    GRANTKEEPER_KEKS: kek,
    GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '3000',
    GRANTKEEPER_PROVIDER_ENDPOINTS: JSON.stringify({
      'vonage-contact-center': sandbox,
      'net2phone-canada': sandbox,
    }),
    ...env,
  });
  const building = Test.createTestingModule({ imports: [CoreModule] })
    .overrideProvider(SETTINGS)
    .useValue(settings);
  if (clock) building.overrideProvider(CLOCK).useValue(clock);
  const module: TestingModule = await building.compile();
  await module.init();
  return {
    get: (token) => module.get(token, { strict: false }),
    close: async () => {
      await module.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
