import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failureCodes } from '#provider-kit';
import { eventually, Stopwatch } from '#testing';
import type { Answer, Client } from '../support/http.js';
import { type Api, type Installation, startInstallation } from '../support/installation.js';
import { scaled } from '../support/scale.js';
import { type HostileCase, type HostileProvider, hostileCases } from './hostile-cases.js';
import type { RawProvider } from './raw-provider.js';

const deadlineMs = 1_000;
const lifetimeSeconds = 1_000;
/** Then a reader finds the token too old, and it is valid for longer than any failure here holds others back. */
const staleAtSeconds = lifetimeSeconds - 50;

describe('a provider that answers with', () => {
  let installation: Installation;
  let api: Api;
  let inside: Server;
  let insideOrigin: string;
  let insideConnections = 0;

  beforeAll(async () => {
    inside = createServer((socket) => {
      insideConnections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => inside.once('listening', resolve));
    insideOrigin = `http://127.0.0.1:${(inside.address() as { port: number }).port}/`;
    installation = await startInstallation({
      GRANTKEEPER_UPSTREAM_TIMEOUT_MS: String(deadlineMs),
      GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*,https://127.0.0.1:*',
    });
    api = await installation.startApi();
    await got(201, api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }));
  }, 180_000);
  afterAll(async () => {
    await installation.close();
    inside.close();
  });

  it.each(hostileCases.map((row, number) => ({ ...row, name: `c${number}` })))('$answer', async (row) => {
    const { read, stored, misbehave, mend, requests, close } = await connected(row.name);
    try {
      await misbehave(row.provider);
      await installation.database.setClockOffset(staleAtSeconds);

      using watch = new Stopwatch();
      const served = await read();
      expect(watch.elapsedMs()).toBeLessThan(deadlineMs + scaled(4_000, 1_000));
      expect(served).toMatchObject({ status: 200, json: { generation: 1 } });

      const failed = await eventually(async () => {
        const connection = await stored();
        expect(connection).toMatchObject({
          status: row.status,
          generation: 1,
          last_error: { code: row.code, attempts: 1, remedy: expect.stringMatching(/\w+ \w+/) },
        });
        return connection;
      });
      expect(failureCodes[row.code].class).toBe(row.class);
      expect(failed.next_renewal_at).toBe(failed.last_error.next_attempt_at);
      expectAgain(row.again, failed.last_error);

      // Readers are held back too, and have their token all the same.
      // Counted from the failure itself: a busy machine may have taken longer than the second to come here.
      const sinceMs = Date.now() - Date.parse(failed.last_error.at);
      await installation.database.setClockOffset((row.again?.[0] ?? 10) - 1 - sinceMs / 1_000);
      expect(await read()).toMatchObject({ status: 200, json: { generation: 1 } });
      expect(await requests()).toBe(row.requests);

      await mend();
      const asked = await requests();
      await installation.database.setClockOffset(staleAtSeconds + (row.again?.[0] ?? 10));
      const later = await read();
      expect(later).toMatchObject({ status: 200, json: { generation: row.again ? 2 : 1 } });
      expect((await stored()).status).toBe(row.again ? 'active' : row.status);
      if (!row.again) {
        expect(await requests()).toBe(asked);
        await installation.database.setClockOffset(lifetimeSeconds + 1);
        expect(await read()).toMatchObject({ status: 409, json: { code: 'reauthorization_required' } });
      }
    } finally {
      await close();
    }
  });

  it('and nobody inside was called', () => {
    expect(hostileCases.filter(({ code }) => code === 'redirect_refused').length).toBeGreaterThan(1);
    expect(insideConnections).toBe(0);
  });

  /** A connection of generation 1 by a refresh token, of a client and a credential of its own. */
  async function connected(name: string) {
    const { admin } = api;
    const { sandbox } = installation;
    const client = { client_id: name, client_secret: 'secret-of-this-client' };
    const clientOfSandbox = { provider: 'generic-oauth2', client_id: name };
    const tokenEndpoint = `${installation.sandboxOrigin}/generic/token`;
    await installation.database.setClockOffset(0);
    await got(201, sandbox('POST', '/_control/clients', { provider: 'generic-oauth2', ...client }));
    await got(
      200,
      sandbox('PUT', '/_control/behaviours', {
        ...clientOfSandbox,
        expires_in: lifetimeSeconds,
        lifetime_seconds: lifetimeSeconds,
        switches: { rotation: 'none' },
      }),
    );
    const grant = await got(201, sandbox('POST', '/_control/grants', { ...clientOfSandbox, user: 'ada' }));
    const credential = `/v1/tenants/acme/credentials/${name}`;
    await got(
      201,
      admin('POST', '/v1/tenants/acme/credentials', {
        id: name,
        provider: 'generic-oauth2',
        ...client,
        settings: { token_endpoint: tokenEndpoint },
      }),
    );
    await got(
      201,
      admin('POST', '/v1/tenants/acme/connections', {
        id: name,
        credential: name,
        grant: 'refresh_token',
        refresh_token: grant.json.refresh_token,
      }),
    );
    let raw: RawProvider | undefined;
    const counted = async () =>
      (await sandbox('GET', `/_control/counts?client_id=${name}`)).json.total.arrived as number;
    const first = await counted();
    const moveTo = (endpoint: string) =>
      got(
        200,
        admin('PATCH', credential, {
          client_secret: client.client_secret,
          settings: { token_endpoint: endpoint },
        }),
      );
    const path = `/v1/tenants/acme/connections/${name}`;
    return {
      read: () => admin('GET', `${path}/token`),
      stored: async () => (await got(200, admin('GET', path))).json,
      misbehave: async (provider: HostileProvider) => {
        if ('rule' in provider) {
          const rule = { match: { client_id: name }, times: null, ...provider.rule(insideOrigin) };
          await got(201, sandbox('POST', '/_control/rules', rule));
        } else if ('raw' in provider) {
          raw = await provider.raw();
          await moveTo(raw.tokenEndpoint);
        } else {
          await moveTo(provider.nobodyAt);
        }
      },
      mend: async () => {
        await sandbox('DELETE', '/_control/rules');
        await moveTo(tokenEndpoint);
      },
      /** Since it was connected. */
      requests: async () => (await counted()) - first + (raw?.requests() ?? 0),
      close: async () => {
        await sandbox('DELETE', '/_control/rules');
        await raw?.close();
      },
    };
  }
});

function expectAgain(again: HostileCase['again'], error: { at: string; next_attempt_at: string | null }) {
  if (again === null || error.next_attempt_at === null) {
    expect(error.next_attempt_at).toBe(again);
    return;
  }
  const seconds = (Date.parse(error.next_attempt_at) - Date.parse(error.at)) / 1_000;
  // Instants are stored to the millisecond.
  expect(seconds).toBeGreaterThanOrEqual(again[0] - 0.01);
  expect(seconds).toBeLessThanOrEqual(again[1] + 0.01);
}

async function got(status: number, answer: ReturnType<Client>): Promise<Answer> {
  const { status: answered, text, ...rest } = await answer;
  if (answered !== status) throw new Error(`Expected ${status}, got ${answered}: ${text}`);
  return { status: answered, text, ...rest };
}
