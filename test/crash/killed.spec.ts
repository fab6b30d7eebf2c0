import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { type KillPoint, killPoints } from './kill-points.js';
import { PostgresProxy } from './postgres-proxy.js';
import {
  importGrant,
  type RotatingConnection,
  refreshTokens,
  registerModes,
  rotationModes,
} from './rotating-grants.js';

const graceSeconds = 2;
const perMode = 2;

/** The fate of a grant whose renewal was killed. */
interface Fate {
  readonly connection: RotatingConnection;
  readonly status: string;
  readonly generation: number;
}

describe('a process killed in the middle of a renewal', () => {
  let installation: Installation;
  let proxy: PostgresProxy;
  const dataDirs: string[] = [];
  /** Survived the last kill, and is the next to be killed. */
  let survivor: { readonly api: Api; readonly dataDir: string } | undefined;
  /** Grants that a strict provider alone knew of, by point. */
  const losses = new Map<string, number>();

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '500',
      GRANTKEEPER_JOURNAL_GRACE_SECONDS: String(graceSeconds),
    });
    proxy = await PostgresProxy.start(installation.database.url);
    survivor = await startIn(newDataDir());
    await registerModes(installation, survivor.api);
  }, 60_000);
  afterAll(async () => {
    await installation.close();
    await proxy.close();
    for (const folder of dataDirs) rmSync(folder, { recursive: true, force: true });
  });

  function newDataDir(): string {
    const folder = mkdtempSync(join(tmpdir(), 'gk-crash-'));
    dataDirs.push(folder);
    return folder;
  }

  const startIn = async (dataDir: string) => {
    const env = { DATABASE_URL: proxy.url, GRANTKEEPER_DATA_DIR: dataDir, GRANTKEEPER_KEKS: kek };
    return { api: await installation.startApi(env), dataDir };
  };

  /** Renews until it is decided whether the grant lives. A renewal that must wait for a journal is asked for again. */
  async function decide({ admin }: Api, connection: RotatingConnection): Promise<Fate> {
    const endsAtMs = performance.now() + (graceSeconds + 60) * 1_000;
    while (performance.now() < endsAtMs) {
      const renewed = await admin('POST', `${connection.path}/renew`);
      if (renewed.status === 200 || renewed.json.code === 'reauthorization_required') break;
      await sleep(200);
    }
    const { json } = await admin('GET', connection.path);
    return { connection, status: json.status, generation: json.generation };
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
    const fates = await Promise.all(connections.map((connection) => decide(next.api, connection)));
    survivor = next;
    return fates;
  }

  async function check(point: KillPoint, comesBack: boolean): Promise<void> {
    const mayLose = point.losesStrict || (!comesBack && point.onlyJournalKnows);
    for (const { connection, status, generation } of await kill(point, comesBack)) {
      const what = { point: point.name, mode: connection.mode };
      // On a slow machine an answer may have reached the journal before the kill: then nothing is lost there either.
      const lost = mayLose && connection.mode === 'strict' && status === 'reauthorization_required';
      expect({ ...what, status }).toEqual({ ...what, status: lost ? 'reauthorization_required' : 'active' });
      losses.set(point.name, (losses.get(point.name) ?? 0) + (lost ? 1 : 0));
      expect(generation).toBeGreaterThanOrEqual(lost ? 1 : 2);
      const tokens = await refreshTokens(installation.sandbox, connection);
      // A strict provider sees a refresh token again only where nobody can know whether it has seen it.
      const presented = Math.max(...tokens.map((token) => token.presented));
      if (connection.mode === 'strict')
        expect({ ...what, presented }).toEqual({ ...what, presented: lost ? 2 : 1 });
    }
  }

  const rounds = scaled(1, 1_000 / (killPoints.length * rotationModes.length * perMode));
  describe.each(killPoints)('at: $name', (point) => {
    it(
      'loses no grant when its data directory comes back, but what only a strict provider knew',
      async () => {
        for (let round = 0; round < rounds; round += 1) await check(point, true);
        // Or the kill came too late to show anything.
        if (point.losesStrict) expect(losses.get(point.name)).toBeGreaterThan(0);
      },
      allowedMs(60, 1_200),
    );
  });

  describe.each(killPoints.filter(({ name }) => scaled(name === 'journaled' ? 1 : 0, 1) === 1))(
    'at: $name, with its data directory gone for good',
    (point) => {
      it(
        'loses nothing more than what a strict provider and the lost journal knew, after the grace',
        () => check(point, false),
        allowedMs(90, 300),
      );
    },
  );
});

const kek = `crash:${Buffer.alloc(32, 7).toString('base64')}`;
