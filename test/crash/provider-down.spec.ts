import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CredentialRepository, TenantRepository } from '#vault';
import { allowedMs, scaled } from '../support/scale.js';
import { SimpleProvider } from './simple-provider.js';
import { type Simulation, startSimulation } from './simulation.js';

const count = scaled(200, 10_000);
const outageSeconds = 2 * 3_600;
/** Of the simulated clock; a minute has several. */
const stepSeconds = scaled(15, 5);
const perUpstream = 96;

describe(`a provider that is down for two hours with ${count} connections due`, () => {
  let simulation: Simulation;
  let provider: SimpleProvider;

  beforeAll(async () => {
    provider = await SimpleProvider.start(20);
    simulation = await startSimulation();
    const { core, database } = simulation;
    const { id: tenantId } = await core.get(TenantRepository).create({ slug: 'down', name: 'down' });
    const { id: credentialId } = await core.get(CredentialRepository).create(tenantId, {
      slug: 'main',
      provider: 'generic-oauth2',
      clientId: 'client',
      secret: { kind: 'client_secret', value: 'a secret of this client' },
      settings: { token_endpoint: provider.tokenEndpoint },
    });
    await database.query(
      `insert into gk.connections (id, tenant_id, slug, credential_id, "grant", renewal, status, generation, rotating, next_renewal_at)
       select gen_random_uuid(), $1, 'c' || n, $2, 'client_credentials', 'eager', 'active', 1, false, gk.now()
       from generate_series(1, $3::int) n`,
      [tenantId, credentialId, count],
    );
  }, 180_000);
  afterAll(async () => {
    await simulation.close();
    provider.close();
  });

  const byStatus = () =>
    simulation.database.query<{ status: string; generation: number; n: number }>(
      'select status, generation, count(*)::int as n from gk.connections group by 1, 2 order by 1, 2',
    );

  it(
    'is probed, not hammered; loses nobody; and all are renewed soon after it is back',
    async () => {
      const healthy = provider.answer;
      provider.answer = () => ({ status: 503, body: {} });
      const perMinute: number[] = [];
      let before = 0;
      let minute = 0;
      await simulation.run(outageSeconds, stepSeconds, async () => {
        if (simulation.elapsedSeconds < (minute + 1) * 60) return;
        minute += 1;
        perMinute.push(provider.arrived - before);
        before = provider.arrived;
      });
      const [first = 0, ...later] = perMinute;
      process.stdout.write(`probes a minute: ${first} in the first, then at most ${Math.max(...later)}\n`);
      expect(perMinute.length).toBeGreaterThan(100);
      expect(Math.max(...later)).toBeLessThanOrEqual(4);
      expect(first).toBeLessThanOrEqual(perUpstream + 10);
      for (const { status, generation } of await byStatus()) {
        expect(['active', 'degraded']).toContain(status);
        expect(generation).toBe(1);
      }

      provider.answer = healthy;
      await simulation.run(outageSeconds + 300, scaled(3, 1));
      expect(await byStatus()).toEqual([{ status: 'active', generation: 2, n: count }]);
      expect(provider.mostAtOnce).toBeLessThanOrEqual(perUpstream);
      expect(provider.mostAtOnce).toBeGreaterThan(8);
    },
    allowedMs(120, 900),
  );
});
