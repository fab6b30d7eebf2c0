import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '#testing';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { allowedMs, scaled } from '../support/scale.js';
import { expectStatus } from './rotating-grants.js';

const provider = 'generic-oauth2';
const tokenSeconds = 4;
/** A token of 4 s is renewed after 2 s at the earliest, jitter included 1.8 s. */
const earliestRenewalSeconds = tokenSeconds * 0.45;
const watchedSeconds = scaled(8, 60);

/** A program loaded before ours: the machine's clock is so far off. */
const skewed = (minutes: number) =>
  `data:text/javascript,${encodeURIComponent(`
    const { now } = Date;
    const RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...given) {
        if (given.length === 0) super(now() + ${minutes * 60_000});
        else super(...given);
      }
      static now() {
        return now() + ${minutes * 60_000};
      }
    };
  `)}`;

const minutesOff = scaled([-10, 10], [-10, 0, 10]);

describe('replicas whose machine clocks are ten minutes apart', () => {
  let installation: Installation;
  let apis: Api[];

  beforeAll(async () => {
    installation = await startInstallation({
      GRANTKEEPER_KEKS: `skew:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    const env = (minutes: number) => ({ NODE_OPTIONS: `--import=${skewed(minutes)}` });
    apis = await Promise.all(minutesOff.map((minutes) => installation.startApi(env(minutes))));
    await Promise.all(minutesOff.map((minutes) => installation.startWorker(env(minutes))));
  }, 180_000);
  afterAll(() => installation.close());

  async function connect(api: Api): Promise<string> {
    const { sandbox, sandboxOrigin } = installation;
    const client = { client_id: 'skewed', client_secret: 'a secret of this client' };
    await expectStatus(sandbox('POST', '/_control/clients', { provider, ...client }), 201);
    await expectStatus(
      sandbox('PUT', '/_control/behaviours', {
        provider,
        client_id: client.client_id,
        switches: { rotation: 'strict', access_token_seconds: tokenSeconds },
      }),
      200,
    );
    const grant = await sandbox('POST', '/_control/grants', {
      provider,
      client_id: client.client_id,
      user: 'somebody',
    });
    await expectStatus(api.admin('POST', '/v1/tenants', { id: 'acme', name: 'acme' }), 201);
    await expectStatus(
      api.admin('POST', '/v1/tenants/acme/credentials', {
        id: 'main',
        provider,
        ...client,
        settings: { token_endpoint: `${sandboxOrigin}/generic/token` },
      }),
      201,
    );
    await expectStatus(
      api.admin('POST', '/v1/tenants/acme/connections', {
        id: 'main',
        credential: 'main',
        grant: 'refresh_token',
        renewal: 'eager',
        refresh_token: grant.json.refresh_token,
      }),
      201,
    );
    return '/v1/tenants/acme/connections/main/token';
  }

  it(
    'serve no expired token and renew none too early',
    async () => {
      const [first] = apis;
      if (!first) throw new Error('There is none.');
      const path = await connect(first);
      const endsAtMs = performance.now() + watchedSeconds * 1_000;
      const refused: string[] = [];
      const generations = new Set<number>();
      let reads = 0;
      while (performance.now() < endsAtMs) {
        for (const { admin } of apis) {
          const read = await expectStatus(admin('GET', path), 200);
          reads += 1;
          generations.add(read.json.generation);
          const token = encodeURIComponent(read.json.access_token);
          const { json } = await installation.sandbox('GET', `/_control/tokens/${token}`);
          if (!json.accepted) refused.push(read.json.generation);
          expect(read.json.expires_in).toBeLessThanOrEqual(tokenSeconds);
          expect(Math.abs(Date.parse(read.json.expires_at) - Date.now())).toBeLessThan(
            (tokenSeconds + 1) * 1_000,
          );
        }
        await sleep(50);
      }
      const arrived = async (): Promise<number> =>
        (await installation.sandbox('GET', '/_control/counts?client_id=skewed')).json.total.arrived;
      const requests = await arrived();
      process.stdout.write(
        `${reads} reads of ${generations.size} generations, ${requests} requests in ${watchedSeconds} s\n`,
      );
      expect(reads).toBeGreaterThan(50);
      expect(refused).toEqual([]);
      expect(requests).toBeLessThanOrEqual(Math.ceil(watchedSeconds / earliestRenewalSeconds) + 2);
      // Each was asked for once. A renewal may be under way; one too many would never be made up for.
      await eventually(async () => {
        const { generation } = (await first.admin('GET', path)).json;
        expect(await arrived()).toBe(generation);
      });
    },
    allowedMs(60, 150),
  );
});
