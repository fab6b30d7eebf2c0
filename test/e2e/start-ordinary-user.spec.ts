import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runBannerCommand } from '../support/banner-command.js';
import { freePort } from '../support/free-port.js';
import { clientOf } from '../support/http.js';
import { checkoutOfOrdinaryUser, giveToOrdinaryUser, ordinaryUser } from '../support/ordinary-user.js';
import { type CommandLine, runToEnd, startProcess } from '../support/start-process.js';
import { processesOf } from '../support/started-product.js';

describe('npm start, by somebody who is not root', () => {
  let folder: string;
  let checkout: string;
  let node: string;

  beforeAll(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'gk-ordinary-'));
    mkdirSync(join(folder, 'home'));
    ({ checkout, node } = checkoutOfOrdinaryUser(folder));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The command that npm start runs; npm itself may be out of that user's reach. */
  const startWith = (env: Record<string, string>): CommandLine => ({
    command: [node, 'scripts/bootstrap.mjs', 'start'],
    cwd: checkout,
    user: ordinaryUser,
    env: { HOME: join(folder, 'home'), PORT: '0', SANDBOX_PORT: '0', WORKER_PORT: '0', ...env },
  });

  it('works just the same, and the server is that user too', async () => {
    const dataDir = join(checkout, '.data');
    const sandboxPort = String(await freePort());
    const env = { SANDBOX_PORT: sandboxPort, GRANTKEEPER_DATA_DIR: dataDir };
    const product = await startProcess(startWith(env), (line) => line === 'ready');
    try {
      expect(product.lines.at(-1)).toBe('ready');
      const { access_token } = runBannerCommand(product, checkout);
      const sandbox = clientOf(`http://127.0.0.1:${sandboxPort}`);
      expect((await sandbox('GET', `/_control/tokens/${access_token}`)).json).toMatchObject({
        accepted: true,
      });
      const running = processesOf(dataDir);
      expect(running.filter(({ command }) => command.includes('/postgres -D'))).toHaveLength(1);
      expect(new Set(running.map(({ pid }) => statSync(`/proc/${pid}`).uid))).toEqual(
        new Set([ordinaryUser.uid]),
      );
    } finally {
      product.child.kill('SIGTERM');
    }
    expect(await product.exited).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  }, 90_000);

  it.each([
    ['may not be written', '.'],
    ['can not be made', 'inside'],
  ])(
    'says in one line that a data dir %s',
    (_, name) => {
      const closed = mkdtempSync(join(folder, 'closed-'));
      chmodSync(closed, 0o555);
      const dataDir = join(closed, name);
      const { code, said } = runToEnd(startWith({ GRANTKEEPER_DATA_DIR: dataDir }));
      expect(said).toEqual([expect.stringContaining(dataDir)]);
      expect(said[0]).toMatch(/EACCES/);
      expect(code).toBe(1);
    },
    60_000,
  );

  it('says in one line that a file in the data dir is not theirs', () => {
    const dataDir = mkdtempSync(join(folder, 'foreign-'));
    writeFileSync(join(dataDir, 'keks'), 'x', { mode: 0 });
    giveToOrdinaryUser(dataDir);
    const { code, said } = runToEnd(startWith({ GRANTKEEPER_DATA_DIR: dataDir }));
    expect(said).toEqual([expect.stringContaining(join(dataDir, 'keks'))]);
    expect(code).toBe(1);
  }, 60_000);
});
