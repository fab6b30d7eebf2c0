import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Client, clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { renewUntilDecided } from './decide.js';
import {
  expectStatus,
  importGrant,
  type RotatingConnection,
  refreshTokens,
  registerModes,
} from './rotating-grants.js';
import { type SmallDisk, smallDisk } from './small-disk.js';
import { TokenReaders } from './token-readers.js';

/** Of what must be kept in a journal. */
const modes = ['grace', 'confirm_on_use', 'strict'] as const;
const fullForMs = scaled(3_000, 30_000);
/** Into the last fifth of the sandbox's hour: tokens are valid, and due. */
const dueAfterSeconds = 3_200;
/** The longest pause between two attempts, and some time for the attempt. */
const backWithinMs = scaled(30_000, 130_000);

describe('a journal whose disk is full', () => {
  let installation: Installation;
  let api: Api;
  let reader: Client;
  let disk: SmallDisk;
  const pids: number[] = [];
  const connections: RotatingConnection[] = [];
  let watched: RotatingConnection;

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_KEKS: `crash:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    const elsewhere = await installation.startApi();
    await registerModes(installation, elsewhere);
    for (const mode of modes) {
      for (let n = 0; n < 3; n += 1) connections.push(await importGrant(installation, elsewhere, mode));
    }
    watched = await importGrant(installation, elsewhere, 'strict');
    await expectStatus(elsewhere.admin('PATCH', watched.path, { renewal: 'eager' }), 200);
    const key = { name: 'reader', role: 'token_reader' };
    const made = await expectStatus(elsewhere.admin('POST', '/v1/tenants/acme/api_keys', key), 201);
    await elsewhere.stop();

    disk = smallDisk(() => pids);
    const env = { GRANTKEEPER_DATA_DIR: disk.folder };
    api = await installation.startApi(env);
    const worker = await installation.startWorker(env);
    pids.push(...[api, worker].map(({ child }) => child.pid ?? 0));
    reader = clientOf(api.origin, made.json.key);
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    disk.remove();
  });

  const arrived = async () =>
    (await installation.sandbox('GET', '/_control/counts?provider=generic-oauth2')).json.total.arrived;

  it(
    'sends no refresh token, serves what is valid, and goes on by itself once there is room',
    async () => {
      disk.fill();
      process.stdout.write(`journal disk full by means of: ${disk.means}\n`);
      const before = await arrived();
      const readers = await TokenReaders.start(reader, connections);
      await installation.database.setClockOffset(dueAfterSeconds);
      for (const endsAtMs = performance.now() + fullForMs; performance.now() < endsAtMs; await sleep(500)) {
        const answers = await Promise.all(connections.map(({ path }) => api.admin('POST', `${path}/renew`)));
        expect(answers.map(({ status }) => status)).toEqual(connections.map(() => 503));
      }
      for (const { path } of [...connections, watched]) {
        const { json } = await api.admin('GET', path);
        expect(json).toMatchObject({ generation: 1, last_error: { code: 'journal_unavailable' } });
      }
      expect((await arrived()) - before).toBe(0);

      disk.free();
      await eventually(async () => {
        expect((await api.admin('GET', watched.path)).json).toMatchObject({
          generation: 2,
          last_error: null,
        });
      }, backWithinMs);
      await Promise.all(connections.map((connection) => renewUntilDecided(api.admin, connection, 30_000)));
      await readers.stop();
      expect(Object.keys(readers.answers)).toEqual(['200']);
      for (const connection of connections) {
        const { json } = await api.admin('GET', connection.path);
        expect(json).toMatchObject({ status: 'active', last_error: null });
        expect(json.generation).toBeGreaterThan(1);
        const tokens = await refreshTokens(installation.sandbox, connection);
        expect(Math.max(...tokens.map(({ presented }) => presented))).toBe(1);
      }
    },
    allowedMs(90, 300),
  );
});
