import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#provider-kit';
import { Renewer } from '#renewal';
import {
  type Core,
  createCore,
  createTestDatabase,
  type SandboxControl,
  sandboxControl,
  type TestDatabase,
} from '#testing';
import { RenewalRepository } from '#vault';
import { startSandbox } from '../../apps/sandbox/sandbox.js';

/**
 * One replica, its database and its providers on one clock that runs ahead: the process's, `gk.now()` and the
 * sandbox's move together, and only while nothing is under way.
 */
export interface Simulation {
  readonly core: Core;
  readonly database: TestDatabase;
  readonly sandbox: SandboxControl;
  /** Simulated seconds since the start. */
  readonly elapsedSeconds: number;
  /** Lets the worker renew what falls due, until then. Each step of time is at least so long, and called out. */
  run(untilSeconds: number, stepSeconds: number, onStep?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function startSimulation(env: Readonly<Record<string, string>> = {}): Promise<Simulation> {
  const database = await createTestDatabase();
  const running = await startSandbox();
  const sandbox = sandboxControl(running.origin);
  let aheadSeconds = 0;
  const clock: Clock = {
    now: () => new Date(Date.now() + aheadSeconds * 1_000),
    monotonicMs: () => performance.now() + aheadSeconds * 1_000,
  };
  const core = await createCore({
    database,
    sandbox: running.origin,
    clock,
    env: { GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*', ...env },
  });
  const renewer = core.get(Renewer);
  const renewals = core.get(RenewalRepository);

  async function advance(seconds: number): Promise<void> {
    aheadSeconds += seconds;
    await Promise.all([database.setClockOffset(aheadSeconds), sandbox.advance(seconds)]);
  }

  /** Renews until nothing is due, or what is due must wait. */
  async function work(): Promise<void> {
    while ((await renewer.renewDue(128)) > 0) {
      while (renewer.underWay > 0) await sleep(1);
    }
  }

  /** Seconds until something falls due; not above 0 while something is due at an upstream whose breaker is open. */
  async function untilNext(): Promise<number> {
    const dueMs = await renewals.msUntilDue();
    return dueMs === null ? Number.POSITIVE_INFINITY : dueMs / 1_000;
  }

  return {
    core,
    database,
    sandbox,
    get elapsedSeconds() {
      return aheadSeconds;
    },
    run: async (untilSeconds, stepSeconds, onStep = async () => undefined) => {
      while (aheadSeconds < untilSeconds) {
        await work();
        const next = Math.max(stepSeconds, await untilNext());
        await advance(Math.min(next, untilSeconds - aheadSeconds));
        await onStep();
      }
      await work();
    },
    close: async () => {
      await core.close();
      await running.close();
      await database.drop();
    },
  };
}
