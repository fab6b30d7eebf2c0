import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { JournalSet } from '#journal';
import {
  type Core,
  connectStrictly,
  createCore,
  createTestDatabase,
  eventually,
  type SandboxControl,
  sandboxControl,
  startSandbox,
  type TestDatabase,
} from '#testing';
import { RenewalRepository } from '#vault';
import { RunningRenewals } from '../limits/running-renewals.js';
import { RenewalAttempt } from '../renewal-attempt.js';
import { Renewer } from '../renewer.js';

let database: TestDatabase;
let sandbox: SandboxControl;
let stopSandbox: () => Promise<void>;
let core: Core;
const dataDir = mkdtempSync(join(tmpdir(), 'gk-lost-'));

beforeAll(async () => {
  database = await createTestDatabase();
  const running = await startSandbox();
  stopSandbox = () => running.close();
  sandbox = sandboxControl(running.origin);
  const env = { GRANTKEEPER_DATA_DIR: dataDir, GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*' };
  core = await createCore({ database, sandbox: sandbox.origin, env });
});
afterAll(async () => {
  await core.close();
  await stopSandbox();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('leaves unsent what a process has claimed that lost its journal since: whoever has that ends the claim', async () => {
  const { tenantId, connectionId, clientId } = await connectStrictly(core, sandbox);
  const target = { tenantId, connectionId, generation: 1 };
  const { ownId } = core.get(JournalSet);
  const lease = { owner: core.get(RunningRenewals).owner, journalId: ownId, seconds: 60, graceSeconds: 300 };
  const claim = await core.get(RenewalRepository).claim(target, lease);
  if ('refusal' in claim) throw new Error(claim.refusal);
  rmSync(join(dataDir, 'journal', ownId), { recursive: true });
  await eventually(async () => {
    expect(core.get(JournalSet).ownId).not.toBe(ownId);
    (await core.get(JournalSet).reserve()).release();
  }, 15_000);

  const { arrived } = await sandbox.counts(clientId);
  expect(await core.get(RenewalAttempt).run(claim)).toEqual({ kind: 'returned' });
  expect((await sandbox.counts(clientId)).arrived).toBe(arrived);
  expect(await core.get(Renewer).renew(target, { insist: true })).toEqual({ kind: 'renewed' });
}, 30_000);
