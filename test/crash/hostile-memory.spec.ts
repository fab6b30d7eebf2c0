import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Client } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { residentMegabytes, watchMemory } from '../support/resident-memory.js';
import { allowedMs, scaled } from '../support/scale.js';
import { type FloodingPath, type FloodingProvider, startFloodingProvider } from './flooding-provider.js';

const atOnce = 64;
/** A single round that is kept in memory is far more than what may be kept of all. */
const rounds = scaled(1, 20);
/** Enough for the garbage of answers of full size to reach the level at which it is collected. */
const warmUpRounds = scaled(8, 20);
const tenant = '/v1/tenants/acme';

describe('an api whose providers answer with far too much', () => {
  let provider: FloodingProvider;
  let installation: Installation;
  let api: Api;

  beforeAll(async () => {
    provider = await startFloodingProvider();
    installation = await startInstallation({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '5000' });
    api = await installation.startApi();
    await got(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
    const client = { provider: 'generic-oauth2', client_id: 'c', client_secret: 's' };
    const settings = { token_endpoint: `${provider.origin}/good` };
    await got(201, api.admin('POST', `${tenant}/credentials`, { id: 'client', ...client, settings }));
    const common = { credential: 'client', grant: 'refresh_token' };
    for (let number = 0; number < atOnce; number++) {
      const connection = { id: `c${number}`, refresh_token: `r${number}`, ...common };
      await got(201, api.admin('POST', `${tenant}/connections`, connection));
    }
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    await provider.close();
  });

  it(
    `keeps less than 50 MB more through ${rounds} rounds of ${atOnce} bombs and as many of 10 MB`,
    async () => {
      const pid = api.child.pid ?? 0;
      // Not measured: the memory of so many failures at once whose answers are just small enough to be read.
      for (let round = 0; round < warmUpRounds; round++) await renewAll('/down', 'temporarily_unavailable');
      const before = residentMegabytes(pid);
      const most = watchMemory(pid);
      for (let round = 0; round < rounds; round++) {
        await renewAll('/bomb', 'response_too_large');
        await renewAll('/huge', 'response_too_large');
      }
      const grown = most() - before;
      process.stdout.write(`resident memory: ${before.toFixed(0)} MB, at most ${grown.toFixed(0)} MB more\n`);
      expect([provider.answered('/bomb'), provider.answered('/huge')]).toEqual([
        rounds * atOnce,
        rounds * atOnce,
      ]);
      expect(grown).toBeLessThan(50);
    },
    allowedMs(60, 120),
  );

  it('still serves every token', async () => {
    const reads = await Promise.all(each((id) => api.admin('GET', `${tenant}/connections/${id}/token`)));
    expect(new Set(reads.map(({ status, json }) => `${status} ${json.generation}`))).toEqual(
      new Set(['200 1']),
    );
  });

  async function renewAll(path: FloodingPath, code: string): Promise<void> {
    const settings = { token_endpoint: provider.origin + path };
    await got(200, api.admin('PATCH', `${tenant}/credentials/client`, { client_secret: 's', settings }));
    await Promise.all(each((id) => api.admin('POST', `${tenant}/connections/${id}/renew`)));
    const { json } = await got(200, api.admin('GET', `${tenant}/connections?limit=200`));
    const codes = json.items.map((item: { last_error: { code: string } | null }) => item.last_error?.code);
    expect(new Set(codes)).toEqual(new Set([code]));
  }
});

function each<T>(act: (id: string) => Promise<T>): Promise<T>[] {
  return Array.from({ length: atOnce }, (_, number) => act(`c${number}`));
}

async function got(status: number, answer: ReturnType<Client>): Promise<Answer> {
  const { status: answered, text, ...rest } = await answer;
  if (answered !== status) throw new Error(`Expected ${status}, got ${answered}: ${text}`);
  return { status: answered, text, ...rest };
}
