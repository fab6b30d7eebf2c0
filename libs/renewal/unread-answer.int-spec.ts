import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { release } from '#config';
import { ConnectService } from '#connect';
import type { GrantType, TokenGrant } from '#provider-kit';
import { eventually, useReplicas } from '#testing';
import {
  type Connection,
  CredentialRepository,
  HousekeepingRepository,
  RenewalRepository,
  UnreadAnswerRepository,
} from '#vault';
import { ReplaySchedule } from './recovery/replay-schedule.js';
import { type Body, readable, StrictServer } from './spec-support/strict-server.js';

const noLifetime: Body = (access_token, refresh_token) =>
  JSON.stringify({ access_token, refresh_token, token_type: 'Bearer' });
const oddType: Body = (access_token, refresh_token) =>
  JSON.stringify({ ok: true, access_token, refresh_token, token_type: 'bot', expires_in: 43_200 });
const nested: Body = (access_token, refresh_token) =>
  JSON.stringify({
    ok: true,
    authed_user: { access_token, refresh_token, token_type: 'user', expires_in: 9 },
  });
const cutOff: Body = (access_token, refresh_token) =>
  JSON.stringify({ refresh_token, access_token, token_type: 'Bearer', expires_in: 3_600 }).slice(0, -9);
const form: Body = (access_token, refresh_token) =>
  new URLSearchParams({ kind: 'unknown', access: access_token, refresh_token }).toString();
const page: Body = () => '<!doctype html><title>Down for maintenance</title>';

describe('an answer with success that cannot be read', () => {
  const test = useReplicas({ GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*' });
  const server = new StrictServer();
  beforeAll(() => server.start());
  afterAll(() => server.close());

  let credentialId: string;
  beforeEach(async () => {
    server.body = readable;
    server.ended = false;
    server.presented.length = 0;
  });

  async function credential(settings: object = {}) {
    const credentials = test.core().get(CredentialRepository);
    const made = await credentials.create(test.tenant().id, {
      slug: `c-${Math.random().toString(36).slice(2)}`,
      provider: 'generic-oauth2',
      clientId: 'me',
      secret: { kind: 'client_secret', value: 'a secret of mine' },
      settings: { token_endpoint: server.endpoint, allow_password_grant: true, ...settings },
    });
    credentialId = made.id;
    return made;
  }

  async function connect(grant: GrantType, pending: TokenGrant, settings: object = {}) {
    return test
      .core()
      .get(ConnectService)
      .connect(
        test.tenant().id,
        {
          slug: `s-${Math.random().toString(36).slice(2)}`,
          credential: await credential(settings),
          grant,
          subject: null,
          requestedScope: null,
          renewal: 'auto',
        },
        { grant: pending },
      );
  }

  async function imported(settings: object = {}): Promise<Connection> {
    const refreshToken = server.newest;
    const result = await connect('refresh_token', { type: 'refresh_token', refreshToken }, settings);
    if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    return result.connection;
  }

  const now = ({ slug }: Pick<Connection, 'slug'>) => test.stored(slug);
  const renew = async (connection: Connection, insist = true) => {
    const { id: connectionId, generation } = await now(connection);
    return test.renewer().renew({ tenantId: test.tenant().id, connectionId, generation }, { insist });
  };
  const read = ({ slug }: Connection) => test.reader().read(test.tenant().id, slug, 60);

  async function mend(settings: object) {
    const credentials = test.core().get(CredentialRepository);
    const [seen] = (await credentials.list(test.tenant().id, { limit: 100 } as never)).items.filter(
      ({ id }) => id === credentialId,
    );
    if (!seen) throw new Error('The credential is gone.');
    const { clientId, upstream } = seen;
    await credentials.update(test.tenant().id, seen, {
      clientId,
      upstream,
      settings: { ...seen.settings, ...settings },
    });
  }

  it.each([
    ['without a lifetime', noLifetime],
    ['with a token type of its own', oddType],
    ['with the tokens in another place', nested],
    ['that breaks off', cutOff],
    ['in a form', form],
  ])('%s: its refresh token is the next one sent', async (_case, body) => {
    const connection = await imported();
    const served = await read(connection);
    server.body = body;
    const result = await renew(connection);
    expect(result).toMatchObject({ kind: 'failed', isKept: true, failure: { code: 'malformed_response' } });
    const kept = await now(connection);
    expect(kept).toMatchObject({ status: 'degraded', generation: connection.generation + 1 });
    expect(kept.lastError).toMatchObject({ code: 'malformed_response', attempts: 1 });
    // The token of before is served while it lives.
    expect(await read(connection)).toMatchObject({
      kind: 'token',
      token: { accessToken: served.kind === 'token' && served.token.accessToken },
    });
    server.body = readable;
    const sentBefore = server.presented.length;
    const newest = server.newest;
    await renew(connection);
    expect(server.presented.slice(sentBefore)).toEqual([newest]);
    expect(server.ended).toBe(false);
    expect(await now(connection)).toMatchObject({ status: 'active', lastError: null });
  });

  it('holds back the attempts that follow: a minute, then twice as long, then an hour at most', async () => {
    const connection = await imported();
    server.body = noLifetime;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await renew(connection);
      const { lastError } = await now(connection);
      waits.push(
        Math.round((Date.parse(lastError?.next_attempt_at ?? '') - Date.parse(lastError?.at ?? '')) / 1_000),
      );
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    const asked = server.presented.length;
    expect(await renew(connection, false)).toMatchObject({ kind: 'failed' });
    expect(server.presented.length).toBe(asked);
  });

  it('is read again when the settings are mended, without a request', async () => {
    const connection = await imported();
    server.body = noLifetime;
    await renew(connection);
    const asked = server.presented.length;
    await mend({ assumed_expires_in: 1_800 });
    const elsewhere = () => test.reader(1).readCached(test.tenant().id, connection.slug, 60);
    await eventually(async () => {
      await test.reader(1).read(test.tenant().id, connection.slug, 60);
      expect(elsewhere()).toBeDefined();
    });
    expect(await test.renewer().renewDue(10)).toBe(1);
    await settled(connection, 'active');
    expect(server.presented.length).toBe(asked);
    await eventually(() => expect(elsewhere()).toBeUndefined());
    expect(await read(connection)).toMatchObject({
      kind: 'token',
      token: { accessToken: `at${server.newest.slice(2)}` },
    });
    server.body = readable;
    await renew(connection);
    expect(server.ended).toBe(false);
  });

  it.each([
    ['import', 'refresh_token', () => ({ type: 'refresh_token', refreshToken: server.newest }) as const],
    ['password', 'password', () => ({ type: 'password', username: 'u', password: 'p' }) as const],
  ])('keeps a first grant pending: %s', async (_case, grant, pending) => {
    server.body = noLifetime;
    const result = await connect(grant as GrantType, pending());
    if (result.kind !== 'unread') throw new Error(JSON.stringify(result));
    const { connection } = result;
    expect(await now(connection)).toMatchObject({
      status: 'pending',
      generation: 0,
      lastError: { code: 'malformed_response' },
    });
    const asked = server.presented.length;
    // Even for somebody who insists, nothing is sent a second time.
    expect(await renew(connection)).toMatchObject({ kind: 'failed' });
    expect(server.presented.length).toBe(asked);
    await mend({ assumed_expires_in: 1_800 });
    expect(await renew(connection)).toEqual({ kind: 'renewed' });
    expect(server.presented.length).toBe(asked);
    expect(await now(connection)).toMatchObject({ status: 'active', generation: 1, lastError: null });
    server.body = readable;
    await renew(connection);
    expect(server.ended).toBe(false);
  });

  it('sends the refresh token of before where the answer has none', async () => {
    const connection = await imported();
    server.body = page;
    const before = server.newest;
    await renew(connection);
    // The server is to blame for the next request: it has rotated without saying so.
    await renew(connection);
    expect(server.presented.slice(-2)).toEqual([before, before]);
  });

  it('sends nothing where there is a refresh token that cannot be sent back', async () => {
    const connection = await imported();
    server.body = (access_token, refresh_token) =>
      JSON.stringify({ access_token, refresh_token: [refresh_token], token_type: 'Bearer', expires_in: 60 });
    await renew(connection);
    const asked = server.presented.length;
    expect(await renew(connection)).toMatchObject({
      kind: 'failed',
      failure: { code: 'malformed_response' },
    });
    expect(server.presented.length).toBe(asked);
    expect((await now(connection)).status).toBe('degraded');
  });

  it('is not kept where the same can be asked for again', async () => {
    server.body = noLifetime;
    const result = await test
      .core()
      .get(ConnectService)
      .connect(test.tenant().id, {
        slug: 'client',
        credential: await credential(),
        grant: 'client_credentials',
        subject: null,
        requestedScope: null,
        renewal: 'auto',
      });
    expect(result).toMatchObject({ kind: 'refused', failure: { code: 'malformed_response' } });
  });

  it('is not written over a generation that somebody else has written meanwhile', async () => {
    const connection = await imported();
    const { id: connectionId, generation } = connection;
    const late = { tenantId: test.tenant().id, connectionId, generation };
    const loaded = await test.core().get(RenewalRepository).load(late);
    if (!loaded?.token) throw new Error('Expected tokens.');
    await renew(connection);
    const kept = await test
      .core()
      .get(UnreadAnswerRepository)
      .keep(late, loaded, {
        kept: { as: 'next_generation', contents: loaded.token },
        status: 'degraded',
        error: { code: 'malformed_response', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
        nextRenewalAt: new Date(),
        retryNotBefore: new Date(),
        rotating: true,
        unreadBy: release,
      });
    expect(kept).toBe(false);
    expect(await now(connection)).toMatchObject({
      status: 'active',
      generation: generation + 1,
      lastError: null,
    });
    server.presented.length = 0;
    const newest = server.newest;
    await renew(connection);
    expect(server.presented).toEqual([newest]);
  });

  it('is due once more for each release that could not read it yet', async () => {
    const connection = await imported();
    server.body = noLifetime;
    await renew(connection);
    const { id } = connection;
    await test.database().query('update gk.connections set unread_by = null where id <> $1', [id]);
    const housekeeping = test.core().get(HousekeepingRepository);
    expect(await housekeeping.readAgain(release, 10)).toBe(0);
    const heldUntil = (await now(connection)).nextRenewalAt?.getTime() ?? 0;
    expect(await housekeeping.readAgain('a later one', 10)).toBe(1);
    expect((await now(connection)).nextRenewalAt?.getTime()).toBeLessThan(heldUntil);
    expect(await housekeeping.readAgain('a later one', 10)).toBe(0);
  });

  it('survives a crash between answer and commit, in any order of answers that can and cannot be read', async () => {
    const bodies = [readable, noLifetime, oddType, nested, cutOff, form];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('strict', 'grace', 'confirm_on_use'),
        fc.array(fc.record({ body: fc.constantFrom(...bodies), crashes: fc.boolean() }), {
          minLength: 1,
          maxLength: 5,
        }),
        async (rotation, renewals) => {
          server.body = readable;
          const connection = await imported({ rotation });
          for (const { body, crashes } of renewals) {
            server.body = body;
            const newest = server.newest;
            server.presented.length = 0;
            if (crashes) await crashed(() => renew(connection));
            else await renew(connection);
            expect(server.presented).toEqual([newest]);
          }
          server.body = readable;
          await renew(connection);
          expect(server.ended).toBe(false);
          expect(await now(connection)).toMatchObject({ status: 'active', lastError: null });
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  /** The database takes no tokens while it runs; then the journal is replayed, as after a crash. */
  async function crashed(work: () => Promise<unknown>): Promise<void> {
    const database = test.database();
    await database.query('alter table gk.token_sets add constraint crash check (false) not valid');
    await expect(work()).rejects.toThrow(/crash/);
    // A replay that has met the outage already gives nothing back: the one after it must.
    void test.core().get(ReplaySchedule).run();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await database.query('alter table gk.token_sets drop constraint crash');
    await test.core().get(ReplaySchedule).run();
  }

  async function settled(connection: Connection, status: string) {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await now(connection)).status === status) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`It never became ${status}.`);
  }
});
