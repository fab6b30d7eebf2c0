import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CredentialRepository, TenantRepository } from '#vault';
import { allowedMs, scaled } from './scale.js';
import { type Simulation, startSimulation } from './simulation.js';

const count = scaled(600, 10_000);
const outageSeconds = 2 * 3_600;
const perUpstream = 96;

/** A token endpoint that can be down, and knows how hard it is pressed. */
class Provider {
  isDown = false;
  arrived = 0;
  mostAtOnce = 0;
  private atOnce = 0;
  readonly server: Server = createServer((request, response) => {
    this.arrived += 1;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    request.resume().on('end', async () => {
      await sleep(3);
      this.atOnce -= 1;
      const body = this.isDown
        ? {}
        : { access_token: `t${this.arrived}`, token_type: 'Bearer', expires_in: 86_400 };
      response.writeHead(this.isDown ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
}

describe(`a provider that is down for two hours with ${count} connections due`, () => {
  let simulation: Simulation;
  const provider = new Provider();

  beforeAll(async () => {
    await once(provider.server, 'listening');
    simulation = await startSimulation();
    const { core, database } = simulation;
    const { id: tenantId } = await core.get(TenantRepository).create({ slug: 'down', name: 'down' });
    const { port } = provider.server.address() as AddressInfo;
    const { id: credentialId } = await core.get(CredentialRepository).create(tenantId, {
      slug: 'main',
      provider: 'generic-oauth2',
      clientId: 'client',
      secret: { kind: 'client_secret', value: 'a secret of this client' },
      settings: { token_endpoint: `http://127.0.0.1:${port}/token` },
    });
    await database.query(
      `insert into gk.connections (id, tenant_id, slug, credential_id, "grant", renewal, status, generation, one_time, next_renewal_at)
       select gen_random_uuid(), $1, 'c' || n, $2, 'client_credentials', 'eager', 'active', 1, false, gk.now()
       from generate_series(1, $3::int) n`,
      [tenantId, credentialId, count],
    );
  }, 60_000);
  afterAll(async () => {
    await simulation.close();
    provider.server.close();
  });

  const byStatus = () =>
    simulation.database.query<{ status: string; generation: number; n: number }>(
      'select status, generation, count(*)::int as n from gk.connections group by 1, 2 order by 1, 2',
    );

  it(
    'is probed, not hammered; loses nobody; and all are renewed soon after it is back',
    async () => {
      provider.isDown = true;
      const perMinute: number[] = [];
      let before = 0;
      let minute = 0;
      await simulation.run(outageSeconds, 1, async () => {
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

      provider.isDown = false;
      await simulation.run(outageSeconds + 300, 1);
      expect(await byStatus()).toEqual([{ status: 'active', generation: 2, n: count }]);
      expect(provider.mostAtOnce).toBeLessThanOrEqual(perUpstream);
      expect(provider.mostAtOnce).toBeGreaterThan(8);
    },
    allowedMs(120, 900),
  );
});
