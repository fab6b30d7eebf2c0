import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectService } from '#connect';
import { CredentialRepository, TenantRepository } from '#vault';
import { allowedMs, scaled } from '../support/scale.js';
import { type Mode, rotationModes } from './rotating-grants.js';
import { type Simulation, startSimulation } from './simulation.js';

const daySeconds = 86_400;
const yearSeconds = 365 * daySeconds;
const provider = 'generic-oauth2';
/** Lives of refresh tokens in days, and how many connections of each mode have such; the short one is renewed most. */
const lives = [
  { days: 7, count: scaled(1, 500) },
  { days: 90, count: scaled(3, 500) },
] as const;
const outages = scaled(4, 12);
const longestOutageSeconds = 6 * 3_600;

/** The same numbers in every run. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('a simulated year of connections that nobody reads', () => {
  let simulation: Simulation;
  let tenantId: string;
  beforeAll(
    async () => {
      simulation = await startSimulation();
      const tenant = await simulation.core.get(TenantRepository).create({ slug: 'year', name: 'year' });
      tenantId = tenant.id;
      for (const mode of rotationModes) for (const life of lives) await connect(mode, life);
    },
    allowedMs(180, 600),
  );
  afterAll(() => simulation.close());

  /** Connections by import, each of its own user, all of one client per mode and life. */
  async function connect(mode: Mode, { days, count }: (typeof lives)[number]): Promise<void> {
    const { core, sandbox } = simulation;
    const clientId = clientOf(mode, days);
    // A refresh token that is never replaced lives on by being used; the sandbox's have a fixed end.
    const lifeSeconds = mode === 'none' ? 2 * yearSeconds : days * daySeconds;
    await sandbox.register({ provider, client_id: clientId, client_secret: 'a secret of this client' });
    await sandbox.behave({
      provider,
      client_id: clientId,
      switches: { rotation: mode, grace_seconds: 60, refresh_token_seconds: lifeSeconds },
    });
    const credential = await core.get(CredentialRepository).create(tenantId, {
      slug: clientId,
      provider,
      clientId,
      secret: { kind: 'client_secret', value: 'a secret of this client' },
      settings: {
        token_endpoint: `${sandbox.origin}/generic/token`,
        rotation: mode,
        assumed_refresh_expires_in: days * daySeconds,
      },
    });
    for (let n = 0; n < count; n += 1) {
      const refreshToken = await sandbox.grant({
        provider,
        client_id: clientId,
        user: `user ${n}`,
        lifetime_seconds: lifeSeconds,
      });
      const wanted = {
        slug: `${clientId}-${n}`,
        credential,
        grant: 'refresh_token',
        subject: null,
        requestedScope: null,
        renewal: 'auto',
      } as const;
      const pendingGrant = { grant: { type: 'refresh_token', refreshToken } } as const;
      const result = await core.get(ConnectService).connect(tenantId, wanted, pendingGrant);
      if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    }
  }

  const clientOf = (mode: Mode, days: number) => `${mode.replaceAll('_', '-')}-${days}`;

  it(
    'loses none that could be kept, and asks hardly more often than keeping them alive takes',
    async () => {
      const { sandbox } = simulation;
      const random = lcg(20_260_101);
      const windows = Array.from({ length: outages }, () => {
        const fromSeconds = random() * yearSeconds;
        return { fromSeconds, untilSeconds: fromSeconds + random() * longestOutageSeconds };
      });
      let isDown = false;
      await simulation.run(yearSeconds, 900, async () => {
        const now = simulation.elapsedSeconds;
        const mustBeDown = windows.some(
          ({ fromSeconds, untilSeconds }) => now >= fromSeconds && now < untilSeconds,
        );
        if (mustBeDown === isDown) return;
        isDown = mustBeDown;
        if (isDown) await sandbox.rule({ match: { provider }, times: null, status: 503, body: {} });
        else await sandbox.clearRules();
      });
      const states = await simulation.database.query<{ status: string; n: number }>(
        'select status, count(*)::int as n from gk.connections group by status',
      );
      const perMode = lives.reduce((sum, { count }) => sum + count, 0);
      expect(states).toEqual([{ status: 'active', n: rotationModes.length * perMode }]);
      for (const mode of rotationModes) {
        for (const { days, count } of lives) {
          const { issued } = await sandbox.counts(clientOf(mode, days));
          const least = count * (365 / ((days * 2) / 3));
          const ratio = (issued - count) / least;
          process.stdout.write(`${mode}, ${days} days: ${issued} calls, ${ratio.toFixed(3)} of the least\n`);
          expect(ratio).toBeGreaterThan(0.9);
          expect(ratio).toBeLessThan(1.1);
        }
      }
    },
    allowedMs(120, 3_000),
  );
});
