import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings, SETTINGS, type Settings, SettingsModule } from '#config';
import { EgressModule } from '#egress';
import { CLOCK, type Clock, systemClock } from '#provider-kit';
import { AccessModule } from '../access.module.js';

/** The library as an application has it, on a real database. */
export async function startAccess(
  databaseUrl: string,
  { clock = systemClock, ...more }: { clock?: Clock; [setting: `GRANTKEEPER_${string}`]: string } = {},
): Promise<TestingModule> {
  const settings = loadSettings({
    DATABASE_URL: databaseUrl,
    GRANTKEEPER_KEKS: `k:${Buffer.alloc(32).toString('base64')}`,
    ...more,
  });
  const egress = EgressModule.forRootAsync({ inject: [SETTINGS], useFactory: (all: Settings) => all });
  const building = Test.createTestingModule({ imports: [SettingsModule, egress, AccessModule] });
  const module = await building
    .overrideProvider(SETTINGS)
    .useValue(settings)
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  return module.init();
}
