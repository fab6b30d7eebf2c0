import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { JournalSet } from '#journal';
import { type Core, connectStrictly, eventually } from '#testing';
import { RenewalRepository } from '#vault';
import { RunningRenewals } from '../limits/running-renewals.js';
import { RenewalAttempt } from '../renewal-attempt.js';
import { Renewer } from '../renewer.js';
import { createRestartableCore, type RestartableCore } from '../spec-support/restartable-core.js';

let restartable: RestartableCore;
let core: Core;
let dataDir: string;

beforeAll(async () => {
  restartable = await createRestartableCore();
  dataDir = restartable.newDataDir();
  core = await restartable.start(dataDir);
});
afterAll(async () => {
  await core.close();
  await restartable.close();
});

it('leaves unsent what a process has claimed that lost its journal since: whoever has that ends the claim', async () => {
  const { sandbox } = restartable;
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
