import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { renewUntilDecided } from './decide.js';
import { freezePoints } from './freeze-points.js';
import { type FrozenConnection, FrozenReplica } from './frozen-replica.js';
import { GenerationWatch } from './generation-watch.js';
import { type Mode, type RotatingConnection, refreshTokens } from './rotating-grants.js';

const providerTakesMs = 2_000;
const points = freezePoints(providerTakesMs);
const upstreamTimeoutMs = providerTakesMs + 1_000;
/** The lease is the upstream deadline and 5 s. */
const pastLeaseMs = upstreamTimeoutMs + 5_000 + 500;
const graceSeconds = 300;
const modes: readonly Mode[] = ['grace', 'strict'];

/** The outcome of a freeze. */
interface Fate {
  readonly point: string;
  readonly mode: Mode;
  readonly status: string;
  /** How often the provider has seen the refresh token it has seen most. */
  readonly presented: number;
  /** Whether the history tells of the end of the grant. */
  readonly told: boolean;
}

describe('a replica frozen past its lease with renewals at every point, and woken', () => {
  let installation: Installation;
  let replica: FrozenReplica;
  let other: Api;
  let clockOffset = 0;
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-crash-'));

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: String(upstreamTimeoutMs),
      GRANTKEEPER_JOURNAL_GRACE_SECONDS: String(graceSeconds),
      GRANTKEEPER_KEKS: `crash:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    replica = await FrozenReplica.start(installation, points, modes);
    other = await installation.startApi({ GRANTKEEPER_DATA_DIR: dataDir });
  }, 180_000);
  afterAll(async () => {
    await replica.remove();
    await installation.close();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  /** Lets the other replica renew until it is decided whether the grant lives. */
  const decide = (connection: RotatingConnection) => renewUntilDecided(other.admin, connection, 20_000);

  async function fateOf(connection: FrozenConnection): Promise<Fate> {
    const { status } = (await other.admin('GET', connection.path)).json;
    const events = (await other.admin('GET', `${connection.path}/events`)).json.items;
    const tokens = await refreshTokens(installation.sandbox, connection);
    return {
      point: connection.point.name,
      mode: connection.mode,
      status,
      presented: Math.max(...tokens.map(({ presented }) => presented)),
      told: events.some(({ type }: { type: string }) => type === 'connection.reauthorization_required'),
    };
  }

  /** @param whileFrozen what the other replica does once the lease is over */
  async function freezeOnce(
    whileFrozen: (connections: readonly FrozenConnection[]) => Promise<void>,
  ): Promise<Fate[]> {
    const watch = new GenerationWatch(installation.database);
    const connections = await replica.freeze(modes, decide);
    await sleep(pastLeaseMs);
    await whileFrozen(connections);
    replica.wake();
    // A late write of the woken replica, if it makes one, is to come before the next renewals.
    await sleep(1_000);
    await Promise.all(connections.map(decide));
    await watch.stop();
    expect(watch.looks).toBeGreaterThan(10);
    expect(watch.regressions).toEqual([]);
    return Promise.all(connections.map(fateOf));
  }

  const rounds = scaled(1, 200 / (2 * points.length));

  it(
    'within the grace: loses nothing, and a strict provider sees no refresh token twice',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const fates = await freezeOnce(async (connections) => {
          await Promise.all(connections.map(({ path }) => other.admin('POST', `${path}/renew`)));
        });
        expect(fates).toEqual(
          fates.map((fate) => ({ ...fate, status: 'active', told: false, ...seen(fate, 1) })),
        );
      }
    },
    allowedMs(180, 600),
  );

  it(
    'after the grace: a refresh token was tried once more, and where that ended the grant it is told',
    async () => {
      for (let round = 0; round < rounds; round += 1) {
        const fates = await freezeOnce(async (connections) => {
          clockOffset += graceSeconds + pastLeaseMs / 1_000;
          await installation.database.setClockOffset(clockOffset);
          await Promise.all(connections.map(decide));
        });
        expect(fates).toEqual(
          fates.map((fate) => {
            const lost = fate.mode === 'strict' && onlyFrozenKnew(fate);
            const status = lost ? 'reauthorization_required' : 'active';
            return { ...fate, status, told: lost, ...seen(fate, lost ? 2 : 1) };
          }),
        );
      }
    },
    allowedMs(180, 600),
  );
});

/** Others than a strict provider are asked again whenever that helps. */
function seen({ mode }: Fate, presented: number): Partial<Fate> {
  return mode === 'strict' ? { presented } : {};
}

function onlyFrozenKnew({ point }: Fate): boolean {
  return points.some(({ name, onlyFrozenKnows }) => name === point && onlyFrozenKnows);
}
