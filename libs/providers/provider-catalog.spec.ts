import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { EgressModule } from '#egress';
import { PROVIDER_REGISTRY, type ProviderRegistry } from '#provider-kit';
import { ProviderCatalogModule } from './provider-catalog.module.js';

async function registry(): Promise<ProviderRegistry> {
  const app = await Test.createTestingModule({
    imports: [
      EgressModule.forRootAsync({
        useFactory: () => ({ upstreamTimeoutMs: 10_000, providerEndpoints: {}, egressAllow: [] }),
      }),
      ProviderCatalogModule,
    ],
  }).compile();
  return app.get<ProviderRegistry>(PROVIDER_REGISTRY);
}

describe('the catalog', () => {
  it('lists every provider folder, under its own name', async () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const ids = (await registry()).list().map(({ descriptor }) => descriptor.id);
    expect(ids.toSorted()).toEqual(folders.toSorted());
  });

  it('has adapters that can be described in public', async () => {
    for (const { descriptor } of (await registry()).list()) {
      for (const schema of [descriptor.credentialSchema, descriptor.settingsSchema]) {
        const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
        for (const property of Object.values(properties)) {
          expect(property).toMatchObject({ title: expect.any(String), description: expect.any(String) });
        }
      }
    }
  });
});
