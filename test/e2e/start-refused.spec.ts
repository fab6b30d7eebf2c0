import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { runToEnd } from '../support/start-process.js';
import { failingStart, processesOf } from '../support/started-product.js';

describe('npm start, where it cannot', () => {
  let dataDir: string;

  beforeAll(() => {
    dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'gk-refused-'));
  });
  afterEach(() => expect(processesOf(dataDir)).toEqual([]));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it.each([
    ['a file that is not there', { GRANTKEEPER_KEKS_FILE: '/nowhere' }, /GRANTKEEPER_KEKS_FILE/],
    ['a host that is none of ours', { HOST: '192.0.2.1' }, /HOST/],
  ])(
    'says in one line what is wrong with %s',
    (_, env, message) => {
      const { code, said } = failingStart({ dataDir, env });
      expect(said).toEqual([expect.stringMatching(message)]);
      expect(code).toBe(1);
    },
    60_000,
  );

  it('says that a database cannot be reached, and not how to log in to it', async () => {
    const url = `postgres://gk:canary@127.0.0.1:${await freePort()}/gk`;
    const { code, said } = failingStart({ dataDir, env: { DATABASE_URL: url } });
    expect(said).toEqual([expect.stringMatching(/database .*ECONNREFUSED/)]);
    expect(said[0]).not.toContain('canary');
    expect(code).toBe(1);
  }, 60_000);

  it.each([
    ['an unknown command', ['strat'], /unknown command "strat"; one of: start,/],
    ['no command', [], /no command given; one of: start,/],
  ])('%s is a wrong command line', (_, args, message) => {
    const { code, said } = runToEnd({
      command: [process.execPath, 'scripts/bootstrap.mjs', ...args],
      env: {},
    });
    expect(said).toEqual([expect.stringMatching(message)]);
    expect(code).toBe(2);
  });
});
