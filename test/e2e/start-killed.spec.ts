import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { runBannerCommand } from '../support/banner-command.js';
import { clientOf } from '../support/http.js';
import { delayNextAnswers } from '../support/slow-upstream.js';
import { npmStart, processesOf, type StartedProduct } from '../support/started-product.js';

/** So long that a start on a busy machine finds the call under way; the simulated provider waits 11 seconds for it. */
const longCallMs = 10_500;
const shortCallMs = 3_000;
const env = { GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '20000' };
/** The first stop also writes the cache of compiled code, which takes a busy machine seconds. */
const goneWithinMs = 15_000;

/** Nobody is left then who could forward a signal, or read what the applications log. */
describe('npm start, killed with kill -9 in the middle of a slow upstream call', () => {
  let dataDir: string;
  let product: StartedProduct;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'gk-killed-'));
    product = await npmStart({ dataDir, env });
  }, 180_000);
  afterAll(() => {
    for (const { pid } of processesOf(dataDir)) process.kill(pid, 'SIGINT');
    rmSync(realpathSync(join(dataDir, 'postgres')), { recursive: true, force: true });
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** @returns the token that was on its way then */
  const killDuringCall = async (callMs: number, kill: () => void) => {
    const admin = clientOf(product.origin, readFileSync(join(dataDir, 'admin-key'), 'utf8').trim());
    await delayNextAnswers(product.sandbox, callMs);
    const before = await newestToken();
    const renewal = admin('POST', '/v1/tenants/demo/connections/contact-center/renew');
    const onItsWay = await eventually(async () => {
      const newest = await newestToken();
      if (newest === undefined || newest === before) throw new Error('The provider has not issued it yet.');
      return newest;
    });
    kill();
    return { onItsWay, answered: renewal.then(({ status }) => status) };
  };
  /** None, where the simulated provider has been started after the renewals. */
  const newestToken = async (): Promise<string | undefined> =>
    (await product.sandbox('GET', '/_control/tokens?limit=1')).json.items[0]?.token;
  const linesWith = (text: string) => product.lines.filter((line) => line.includes(text));

  it('finishes and stores it before a start that comes at once touches anything', async () => {
    const { onItsWay, answered } = await killDuringCall(longCallMs, () =>
      process.kill(-(product.npm.pid ?? 0), 'SIGKILL'),
    );
    product = await npmStart({ dataDir, env });
    expect(linesWith('Waiting for the api of an earlier start')).toHaveLength(1);
    expect(linesWith('PostgreSQL was running already')).toHaveLength(1);
    expect(await answered).toBe(200);
    expect(runBannerCommand(product).access_token).toBe(onItsWay);
  }, 90_000);

  it('stops everything in order when npm alone is killed', async () => {
    const { onItsWay, answered } = await killDuringCall(shortCallMs, () => product.npm.kill('SIGKILL'));
    expect(await answered).toBe(200);
    await eventually(() => expect(processesOf(dataDir)).toEqual([]), goneWithinMs);

    product = await npmStart({ dataDir, env });
    expect(linesWith('PostgreSQL is running')).toHaveLength(1);
    expect(runBannerCommand(product).access_token).toBe(onItsWay);
    product.npm.kill('SIGTERM');
    expect(await product.exited).toBe(0);
    expect(processesOf(dataDir)).toEqual([]);
  }, 90_000);
});
