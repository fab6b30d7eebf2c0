import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { type Outcome, outcomeOf, renewUntilDecided } from './decide.js';
import { freezePoints } from './freeze-points.js';
import { FrozenReplica } from './frozen-replica.js';
import { type KillPoint, killPoints } from './kill-points.js';
import { PostgresProxy } from './postgres-proxy.js';
import {
  importGrant,
  type Mode,
  type RotatingConnection,
  registerModes,
  rotationModes,
} from './rotating-grants.js';

const graceSeconds = 2;
const providerTakesMs = 4_000;
const upstreamTimeoutMs = providerTakesMs + 1_000;
const perMode = 2;
/** In the short version: several renewals, which may be committed together, all at one point. */
const pointsAlone = killPoints.filter(({ name }) => name === 'update sent');
const kek = `crash:${Buffer.alloc(32, 7).toString('base64')}`;

/** The fate of a grant whose renewal was killed. */
interface Fate extends Outcome {
  readonly connection: RotatingConnection;
}

/** Two ways of rotating at every point, and the fate of the data directory; the first one in the long version alone. */
const kills: readonly (readonly [modes: readonly Mode[], fate: string, comesBack: boolean])[] = [
  [['none', 'grace'], 'comes back', true],
  [['confirm_on_use', 'strict'], 'comes back', true],
  [['grace', 'strict'], 'is gone for good', false],
];

let installation: Installation;
afterAll(() => installation.close());

describe('a process killed with several renewals at a point', () => {
  let proxy: PostgresProxy;
  const dataDirs: string[] = [];
  /** Survived the last kill, and is the next to be killed. */
  let survivor: { readonly api: Api; readonly dataDir: string } | undefined;
  /** Grants that a strict provider alone knew of, by point. */
  const losses = new Map<string, number>();

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: String(upstreamTimeoutMs),
      GRANTKEEPER_JOURNAL_GRACE_SECONDS: String(graceSeconds),
      GRANTKEEPER_KEKS: kek,
    });
    proxy = await PostgresProxy.start(installation.database.url);
    survivor = await startIn(newDataDir());
    await registerModes(installation, survivor.api);
  }, 180_000);
  afterAll(async () => {
    // Nobody but the process itself takes its renewals up in what follows.
    await survivor?.api.stop();
    await proxy.close();
    for (const folder of dataDirs) rmSync(folder, { recursive: true, force: true });
  });

  function newDataDir(): string {
    const folder = mkdtempSync(join(tmpdir(), 'gk-crash-'));
    dataDirs.push(folder);
    return folder;
  }

  const startIn = async (dataDir: string) => {
    const env = { DATABASE_URL: proxy.url, GRANTKEEPER_DATA_DIR: dataDir };
    return { api: await installation.startApi(env), dataDir };
  };

  async function fateOf({ admin }: Api, connection: RotatingConnection): Promise<Fate> {
    await renewUntilDecided(admin, connection, (graceSeconds + 60) * 1_000);
    return { connection, ...(await outcomeOf(admin, installation.sandbox, connection)) };
  }

  /** One kill: as many renewals of each mode as told, all at that point. */
  async function kill(point: KillPoint, comesBack: boolean): Promise<Fate[]> {
    const { api, dataDir } = survivor ?? (await startIn(newDataDir()));
    survivor = undefined;
    const connections: RotatingConnection[] = [];
    for (const mode of rotationModes) {
      for (let n = 0; n < perMode; n += 1) connections.push(await importGrant(installation, api, mode));
    }
    const stage = {
      proxy,
      sandbox: installation.sandbox,
      renewals: connections.length,
      pid: api.child.pid ?? 0,
    };
    const { reached } = await point.arrange(stage);
    for (const { path } of connections) api.admin('POST', `${path}/renew`).catch(() => undefined);
    await reached;
    await api.stop('SIGKILL');
    proxy.passAll();
    await installation.sandbox('DELETE', '/_control/rules');
    const next = await startIn(comesBack ? dataDir : newDataDir());
    const fates = await Promise.all(connections.map((connection) => fateOf(next.api, connection)));
    survivor = next;
    return fates;
  }

  async function check(point: KillPoint, comesBack: boolean): Promise<void> {
    const mayLose = point.losesStrict || (!comesBack && point.onlyJournalKnows);
    for (const { connection, status, generation, presented } of await kill(point, comesBack)) {
      const what = { point: point.name, mode: connection.mode };
      // On a slow machine an answer may have reached the journal before the kill: then nothing is lost there either.
      const lost = mayLose && connection.mode === 'strict' && status === 'reauthorization_required';
      expect({ ...what, status }).toEqual({ ...what, status: lost ? 'reauthorization_required' : 'active' });
      losses.set(point.name, (losses.get(point.name) ?? 0) + (lost ? 1 : 0));
      expect(generation).toBeGreaterThanOrEqual(lost ? 1 : 2);
      // A strict provider sees a refresh token again only where nobody can know whether it has seen it.
      if (connection.mode === 'strict')
        expect({ ...what, presented }).toEqual({ ...what, presented: lost ? 2 : 1 });
    }
  }

  const rounds = scaled(1, 1_000 / (killPoints.length * rotationModes.length * perMode));
  for (const point of scaled(pointsAlone, killPoints)) {
    it(
      `at "${point.name}" loses no grant when its data directory comes back, but what only a strict provider knew`,
      async () => {
        for (let round = 0; round < rounds; round += 1) await check(point, true);
        // Or the kill came too late to show anything.
        if (point.losesStrict) expect(losses.get(point.name)).toBeGreaterThan(0);
      },
      allowedMs(60, 1_200),
    );
  }

  for (const point of scaled([], killPoints)) {
    it(
      `at "${point.name}", with its data directory gone for good, loses nothing more than what a strict provider and the lost journal knew, after the grace`,
      () => check(point, false),
      allowedMs(90, 300),
    );
  }
});

describe('a process killed with renewals at every point at once', () => {
  /** The lease is the upstream deadline and 5 s. */
  const pastWaitSeconds = upstreamTimeoutMs / 1_000 + 5 + graceSeconds + 1;
  let replica: FrozenReplica;
  let clockOffset = 0;

  beforeAll(async () => {
    replica = await FrozenReplica.start(installation, freezePoints(providerTakesMs, true), rotationModes);
  }, 180_000);
  afterAll(async () => {
    await replica.remove();
  }, 60_000);

  const renew = (connection: RotatingConnection) => renewUntilDecided(replica.api.admin, connection, 60_000);

  async function kill(modes: readonly Mode[], comesBack: boolean): Promise<(Outcome & { point: string })[]> {
    const connections = await replica.freeze(modes, renew);
    await replica.bodiesHaveCome(modes);
    await replica.replace(comesBack);
    await installation.sandbox('DELETE', '/_control/rules');
    if (!comesBack) {
      clockOffset += pastWaitSeconds;
      await installation.database.setClockOffset(clockOffset);
    }
    await Promise.all(connections.map(renew));
    return Promise.all(
      connections.map(async (connection) => ({
        point: connection.point.name,
        ...(await outcomeOf(replica.api.admin, installation.sandbox, connection)),
      })),
    );
  }

  const lostByStrict = (comesBack: boolean) =>
    killPoints
      .filter(({ losesStrict, onlyJournalKnows }) => losesStrict || (onlyJournalKnows && !comesBack))
      .map(({ name }) => name as string);

  it.each(scaled(kills.slice(-2), kills))(
    'with the modes %j loses what a strict provider, and a journal that is gone, alone knew, when its data directory %s',
    async (modes, _, comesBack) => {
      const lost = lostByStrict(comesBack);
      const outcomes = await kill(modes, comesBack);
      expect(outcomes).toHaveLength(killPoints.length * modes.length);
      expect(outcomes).toEqual(
        outcomes.map((outcome) => {
          const isLost = outcome.mode === 'strict' && lost.includes(outcome.point);
          return {
            ...outcome,
            status: isLost ? 'reauthorization_required' : 'active',
            ...(outcome.mode === 'strict' && { presented: isLost ? 2 : 1 }),
          };
        }),
      );
      for (const { generation, status } of outcomes)
        expect(generation).toBeGreaterThanOrEqual(status === 'active' ? 2 : 1);
    },
    90_000,
  );
});
