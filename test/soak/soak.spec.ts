import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '#vault';
import {
  expectStatus,
  importGrant,
  type RotatingConnection,
  registerModes,
  rotationModes,
} from '../crash/rotating-grants.js';
import { type Client, clientOf } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { residentMegabytes } from '../support/resident-memory.js';
import type { RoleProcess } from '../support/role-process.js';
import { scaled } from '../support/scale.js';

const provider = 'generic-oauth2';
const kek = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
/** `SOAK_SECONDS` makes it longer or shorter. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? scaled(12, 1_800));
const eachMode = scaled(2, 25);
const tokenSeconds = scaled(6, 20);
const readers = scaled(4, 8);
/** Between two reads of one reader: half of what the api can answer is left to it. */
const pauseMs = 5;

/** Of one connection: the tokens that were read, and how long the last of them can be used. */
interface Watched extends RotatingConnection {
  validUntilMs: number;
  isRevoked: boolean;
}

describe(`${seconds} seconds of everything at once`, () => {
  let postgres: OwnPostgres;
  let installation: Installation;
  let api: Api;
  let worker: RoleProcess;
  let watched: Watched[];
  let reader: Client;
  const dataDir = mkdtempSync(join(tmpdir(), 'gk-soak-'));
  const ownerOf = new Map<string, string>();
  const seen = {
    reads: 0,
    tokens: 0,
    foreign: 0,
    expired: 0,
    wrong: 0,
    refusedWhileValid: 0,
    other: new Set<number>(),
  };

  beforeAll(async () => {
    postgres = await startOwnPostgres({ synchronous_commit: 'on' });
    await migrate({ url: postgres.url('grantkeeper') });
    installation = await startInstallation({
      DATABASE_URL: postgres.url('grantkeeper'),
      GRANTKEEPER_DATA_DIR: dataDir,
      GRANTKEEPER_KEKS: [kek('first', 1), kek('second', 2)].join(','),
    });
    api = await installation.startApi();
    worker = await installation.startWorker();
    await registerModes(installation, api);
    for (const mode of rotationModes) {
      const behaviour = {
        provider,
        client_id: `client-${mode}`,
        expires_in: tokenSeconds,
        lifetime_seconds: tokenSeconds,
        switches: { rotation: mode, grace_seconds: 60 },
      };
      await expectStatus(installation.sandbox('PUT', '/_control/behaviours', behaviour), 200);
    }
    const made = rotationModes.flatMap((mode) =>
      Array.from({ length: eachMode }, () => importGrant(installation, api, mode)),
    );
    watched = (await Promise.all(made)).map((connection) => ({
      ...connection,
      validUntilMs: 0,
      isRevoked: false,
    }));
    reader = clientOf(api.origin, (await newKey()).key);
  }, 180_000);
  afterAll(async () => {
    await installation?.close();
    await postgres?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  async function newKey(): Promise<{ id: string; key: string }> {
    const body = { name: 'reader', role: 'token_reader' };
    return (await expectStatus(api.admin('POST', '/v1/tenants/acme/api_keys', body), 201)).json;
  }

  async function readOnce(connection: Watched): Promise<void> {
    const sentAtMs = Date.now();
    const { status, json } = await reader('GET', `${connection.path}/token`);
    seen.reads += 1;
    if (connection.isRevoked) return;
    if (status !== 200) {
      seen.other.add(status);
      if (status >= 500 && sentAtMs < connection.validUntilMs - 1_000) seen.refusedWhileValid += 1;
      return;
    }
    const token: string = json.access_token;
    if (Date.parse(json.expires_at) <= sentAtMs) seen.expired += 1;
    connection.validUntilMs = Date.parse(json.expires_at);
    if ((ownerOf.get(token) ?? connection.id) !== connection.id) seen.foreign += 1;
    if (ownerOf.has(token)) return;
    ownerOf.set(token, connection.id);
    seen.tokens += 1;
    const judged = (await installation.sandbox('GET', `/_control/tokens/${token}`)).json;
    if (judged.client_id !== connection.clientId) seen.foreign += 1;
    if (!judged.accepted && !connection.isRevoked && Date.now() < connection.validUntilMs) seen.wrong += 1;
  }

  async function readUntil(endsAtMs: number): Promise<void> {
    while (Date.now() < endsAtMs) {
      const connection = watched[Math.floor(Math.random() * watched.length)];
      if (connection) await readOnce(connection);
      await sleep(pauseMs);
    }
  }

  const events: readonly (() => Promise<unknown>)[] = [
    /** A user takes back what was allowed. */
    async () => {
      const [gone] = watched;
      if (!gone) return;
      gone.isRevoked = true;
      const query = new URLSearchParams({ provider, user: gone.user });
      await expectStatus(installation.sandbox('DELETE', `/_control/grants?${query}`), 200);
    },
    async () => {
      const old = await newKey();
      reader = clientOf(api.origin, old.key);
      await sleep(200);
      reader = clientOf(api.origin, (await newKey()).key);
      await sleep(200);
      await expectStatus(api.admin('DELETE', `/v1/tenants/acme/api_keys/${old.id}`), 204);
    },
    /** A replica with the other key in front puts everything under that one. */
    async () => {
      const keys = { GRANTKEEPER_KEKS: [kek('second', 2), kek('first', 1)].join(',') };
      const other = await installation.startApi(keys);
      let left = 1;
      while (left > 0) left = (await expectStatus(other.admin('POST', '/v1/keys/rewrap'), 200)).json.left;
      await other.stop();
    },
    async () => {
      await postgres.stop('fast');
      await postgres.start();
    },
  ];

  it(
    'brings no wrong, expired or foreign token, and no outage to a token that is valid',
    async () => {
      const endsAtMs = Date.now() + seconds * 1_000;
      const reading = Promise.all(Array.from({ length: readers }, () => readUntil(endsAtMs)));
      const memory = () => [api, worker].map(({ child }) => Math.round(residentMegabytes(child.pid ?? 0)));
      const stepMs = (seconds * 1_000) / (events.length + 2);
      await sleep(stepMs);
      const before = memory();
      for (const event of events) {
        const beganAtMs = Date.now();
        await event();
        await sleep(Math.max(0, stepMs - (Date.now() - beganAtMs)));
      }
      await reading;
      const after = memory();
      process.stdout.write(
        `soak: ${seen.reads} reads of ${seen.tokens} tokens, other answers ${[...seen.other].join(' ') || 'none'}; ` +
          `api ${before[0]} MB, then ${after[0]}; worker ${before[1]} MB, then ${after[1]}\n`,
      );
      expect(seen).toMatchObject({ foreign: 0, expired: 0, wrong: 0, refusedWhileValid: 0 });
      expect(seen.tokens).toBeGreaterThan(watched.length);
      if (seconds < 60) return;
      for (const [at, megabytes] of after.entries())
        expect(megabytes).toBeLessThan((before[at] ?? 0) * 1.3 + 40);
    },
    (seconds + 120) * 1_000,
  );
});
