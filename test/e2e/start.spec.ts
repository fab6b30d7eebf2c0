import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { runBannerCommand } from '../support/banner-command.js';
import { type Client, clientOf } from '../support/http.js';
import { scaled } from '../support/scale.js';
import { delayNextAnswers, underWay } from '../support/slow-upstream.js';
import { failingStart, npmStart, processesOf, type StartedProduct } from '../support/started-product.js';

const upstreamMs = 1_500;
/** So long that a start on a busy machine finds the call under way; the simulated provider waits 11 seconds for it. */
const longCallMs = 10_500;
const shortCallMs = 3_000;
/** The first stop also writes the cache of compiled code, which takes a busy machine seconds. */
const goneWithinMs = 15_000;
/** The last test of the short version ends by SIGTERM too. */
const ways = scaled(
  ['Ctrl-C, to the whole group, and twice'],
  ['SIGTERM to npm', 'Ctrl-C, to the whole group, and twice'],
);
const connection = '/v1/tenants/demo/connections/contact-center';

describe('npm start', () => {
  let dataDir: string;
  let product: StartedProduct;
  let token: string;

  beforeAll(() => {
    dataDir = mkdtempSync(join(realpathSync(tmpdir()), 'gk-start-'));
  });
  afterAll(async () => {
    if (product?.npm.exitCode === null) await ended('SIGTERM');
    for (const { pid } of processesOf(dataDir)) process.kill(pid, 'SIGINT');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async (env: Record<string, string> = {}) => {
    product = await npmStart({ dataDir, env: { GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '20000', ...env } });
    return product;
  };
  const admin = (): Client =>
    clientOf(product.origin, readFileSync(join(dataDir, 'admin-key'), 'utf8').trim());
  const ended = async (signal: NodeJS.Signals) => {
    product.npm.kill(signal);
    return product.exited;
  };

  it('prints a command that prints a live token, and ready last', async () => {
    await start();
    expect(product.lines.at(-1)).toBe('ready');
    token = runBannerCommand(product).access_token;
    const { json } = await product.sandbox('GET', `/_control/tokens/${token}`);
    expect(json).toMatchObject({ accepted: true });
    expect(statSync(join(dataDir, 'admin-key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'demo-key')).mode & 0o777).toBe(0o600);
  }, 90_000);

  it('refuses a second start on the same data, in one line', () => {
    const { code, said } = failingStart({ dataDir }, 'npm');
    expect(code).not.toBe(0);
    expect(said).toEqual([expect.stringMatching(/already running/)]);
  }, 60_000);

  it.each(ways)(
    'on %s finishes and stores a slow upstream call, and leaves nothing behind',
    async (way) => {
      const before = (await admin()('GET', connection)).json.generation;
      await delayNextAnswers(product.sandbox, upstreamMs);
      const renewal = admin()('POST', `${connection}/renew`);
      await underWay(product.sandbox);
      const pid = product.npm.pid ?? 0;
      if (way.startsWith('SIGTERM')) process.kill(pid, 'SIGTERM');
      else for (const _ of [1, 2]) process.kill(-pid, 'SIGINT');

      expect(await renewal).toMatchObject({ status: 200, json: { generation: before + 1 } });
      expect(await product.exited).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);

      await start();
      process.stdout.write(`a further start took ${Math.round(product.startedInMs)} ms\n`);
      // Of wall clock, on a machine that may have others to serve; a calm one takes four to six seconds.
      expect(product.startedInMs).toBeLessThan(45_000);
      expect((await admin()('GET', connection)).json.generation).toBe(before + 1);
    },
    90_000,
  );

  it('after a kill -9 the call under way is still stored, and the next start adopts what is left', async () => {
    const before = (await admin()('GET', connection)).json.generation;
    await delayNextAnswers(product.sandbox, upstreamMs);
    const renewal = admin()('POST', `${connection}/renew`);
    await underWay(product.sandbox);
    process.kill(-(product.npm.pid ?? 0), 'SIGKILL');
    await product.exited;
    expect(await renewal).toMatchObject({ status: 200, json: { generation: before + 1 } });
    await eventually(() => {
      expect(processesOf(dataDir).filter(({ command }) => command.includes('dist/apps'))).toEqual([]);
    }, 15_000);
    expect(processesOf(dataDir).some(({ command }) => command.includes('/postgres -D'))).toBe(true);

    await start();
    expect(runBannerCommand(product).generation).toBe(before + 1);
  }, 90_000);

  /** Nobody is left then who could forward a signal, or read what the applications log. */
  describe('killed with kill -9 in the middle of a slow upstream call', () => {
    /** @returns the token that was on its way then */
    const killDuringCall = async (callMs: number, kill: () => void) => {
      await delayNextAnswers(product.sandbox, callMs);
      const before = await newestToken();
      const renewal = admin()('POST', `${connection}/renew`);
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
      await start();
      expect(linesWith('Waiting for the api of an earlier start')).toHaveLength(1);
      expect(linesWith('PostgreSQL was running already')).toHaveLength(1);
      expect(await answered).toBe(200);
      expect(runBannerCommand(product).access_token).toBe(onItsWay);
    }, 90_000);

    it('stops everything in order when npm alone is killed', async () => {
      const { onItsWay, answered } = await killDuringCall(shortCallMs, () => product.npm.kill('SIGKILL'));
      expect(await answered).toBe(200);
      await eventually(() => expect(processesOf(dataDir)).toEqual([]), goneWithinMs);

      await start();
      expect(linesWith('PostgreSQL is running')).toHaveLength(1);
      expect(runBannerCommand(product).access_token).toBe(onItsWay);
      expect(await ended('SIGTERM')).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);
    }, 90_000);
  });

  it.each([
    ['PORT', { PORT: 'eighty' }, /PORT/],
    ['a key that is too short', { GRANTKEEPER_BOOTSTRAP_KEY: 'short' }, /GRANTKEEPER_BOOTSTRAP_KEY/],
    ['production without a database', { NODE_ENV: 'production' }, /DATABASE_URL/],
    ['a data dir that is a file', { GRANTKEEPER_DATA_DIR: '/dev/null' }, /\/dev\/null/],
  ])(
    'says in one line what is wrong with %s',
    (_, env, message) => {
      const { code, said } = failingStart({ dataDir, env });
      expect(code).not.toBe(0);
      expect(said).toEqual([expect.stringMatching(message)]);
    },
    60_000,
  );

  it('names the setting of a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    for (const name of scaled(['SANDBOX_PORT'], ['PORT', 'SANDBOX_PORT', 'WORKER_PORT'])) {
      const { code, said } = failingStart({ dataDir, env: { [name]: String(port) } });
      expect({ name, code, said }).toMatchObject({ name, said: [expect.stringContaining(name)] });
      expect(code).not.toBe(0);
    }
    server.close();
  }, 60_000);
});
