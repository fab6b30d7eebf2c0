import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Core,
  createCore,
  createTestDatabase,
  type SandboxControl,
  sandboxControl,
  startSandbox,
  type TestDatabase,
} from '#testing';

/** A database and a sandbox, and cores beside them whose journals lie in directories that a test can see. */
export interface RestartableCore {
  readonly database: TestDatabase;
  readonly sandbox: SandboxControl;
  /** `close` removes it. */
  newDataDir(): string;
  start(dataDir: string, env?: Record<string, string>): Promise<Core>;
  /** The cores are closed by those who started them. */
  close(): Promise<void>;
}

export async function createRestartableCore(): Promise<RestartableCore> {
  const database = await createTestDatabase();
  const running = await startSandbox();
  const sandbox = sandboxControl(running.origin);
  const dataDirs: string[] = [];
  return {
    database,
    sandbox,
    newDataDir: () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'gk-recovery-'));
      dataDirs.push(dataDir);
      return dataDir;
    },
    start: (dataDir, env = {}) =>
      createCore({
        database,
        sandbox: sandbox.origin,
        env: { GRANTKEEPER_DATA_DIR: dataDir, GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*', ...env },
      }),
    close: async () => {
      await running.close();
      await database.drop();
      for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
