import { describe, expect, it } from '@jest/globals';
import { eventually, leaseOf, lifetimeSeconds, Stopwatch, useReplicas } from '#testing';
import { ConnectionRepository, CredentialRepository, RenewalRepository } from '#vault';
import { Renewer } from './renewer.js';

describe('renew', () => {
  const test = useReplicas();
  const insist = { insist: true };

  it('asks the provider once for 200 callers in two replicas', async () => {
    await test.sandbox().rule({ delay_ms: 150 });
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, n) => test.renewer(n % 2 === 0 ? 0 : 1).renew(test.target())),
    );
    expect(results).toEqual(Array(200).fill({ kind: 'renewed' }));
    expect(await test.asked()).toBe(2);
    expect(await test.stored()).toMatchObject({ generation: 2, status: 'active', lastError: null });
    expect(await test.database().query('select 1 from gk.intents')).toEqual([]);
  });

  it('asks once for callers whom another replica’s failure reaches while they wait', async () => {
    await test.sandbox().rule({ delay_ms: 150, status: 500, body: '{}', times: null });
    const results = await Promise.all([
      test.renewer(0).renew(test.target()),
      test.renewer(1).renew(test.target()),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['failed', 'failed']);
    expect(await test.asked()).toBe(2);
  });

  it('renews nothing for a caller whose generation has gone by', async () => {
    await test.renewer().renew(test.target());
    expect(await test.renewer(1).renew(test.target())).toEqual({ kind: 'renewed' });
    expect(await test.asked()).toBe(2);
    expect((await test.stored()).generation).toBe(2);
  });

  it('goes on for the whole fleet when its caller goes away, and is finished before the process ends', async () => {
    const replica = await test.start();
    await test.sandbox().rule({ respond_delay_ms: 400 });
    void replica.get(Renewer).renew(test.target());
    await eventually(async () => expect(await test.asked()).toBe(2));
    await replica.close();
    expect(await test.stored()).toMatchObject({ generation: 2, status: 'active' });
  });

  it('takes over from a replica that died while it held the lease', async () => {
    const died = leaseOf(8);
    await test.core().get(RenewalRepository).claim(test.target(), died);
    await test.at(9);
    expect(await test.renewer(1).renew(test.target())).toEqual({ kind: 'renewed' });
    expect((await test.stored()).generation).toBe(2);
  });

  it('gives up waiting for a lease that does not end, without asking the provider', async () => {
    const replica = await test.start({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '100' });
    await test.core().get(RenewalRepository).claim(test.target(), leaseOf(60));
    using watch = new Stopwatch();
    expect(await replica.get(Renewer).renew(test.target())).toMatchObject({
      kind: 'failed',
      retryAfterSeconds: 1,
    });
    expect(watch.elapsedMs()).toBeLessThan(4_000);
    expect(await test.asked()).toBe(1);
    await replica.close();
  });

  it('finds a removed connection gone, also when it goes while the provider answers', async () => {
    await test.sandbox().rule({ respond_delay_ms: 300 });
    const renewal = test.renewer().renew(test.target());
    await eventually(async () => expect(await test.asked()).toBe(2));
    await test.core().get(ConnectionRepository).remove(test.tenant().id, test.connectionId());
    expect(['gone', 'renewed']).toContain((await renewal).kind);
    expect(await test.renewer().renew(test.target())).toEqual({ kind: 'gone' });
    expect(
      await test
        .database()
        .query('select 1 from gk.token_sets where connection_id = $1', [test.connectionId()]),
    ).toEqual([]);
  });

  describe('that fails', () => {
    it.each([
      ['a 500', { status: 500, body: '{}' }, 'server_error'],
      ['a dropped connection', { drop: 'after' }, 'connection_dropped'],
      [
        'HTML with status 200',
        { status: 200, body: '<html>', content_type: 'text/html' },
        'malformed_response',
      ],
      ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'redirect_refused'],
      ['a body over 64 KiB', { pad_bytes: 100_000 }, 'response_too_large'],
    ])('with %s costs the connection its good name only', async (_case, rule, code) => {
      await test.sandbox().rule(rule);
      const result = await test.renewer().renew(test.target());
      expect(result).toMatchObject({ kind: 'failed', failure: { code }, lastError: { code, attempts: 1 } });
      expect(await test.stored()).toMatchObject({
        status: 'degraded',
        generation: 1,
        lastError: { code, attempts: 1, remedy: expect.stringMatching(/\w/) },
      });
      expect((await test.stored()).nextRenewalAt).not.toBeNull();
    });

    it('gives up at the hard deadline', async () => {
      const replica = await test.start({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '300' });
      await test.sandbox().rule({ delay_ms: 2_000 });
      using watch = new Stopwatch();
      const result = await replica.get(Renewer).renew(test.target());
      expect(watch.elapsedMs()).toBeLessThan(1_500);
      expect(result).toMatchObject({ kind: 'failed', lastError: { code: 'upstream_timeout' } });
      await replica.close();
    });

    it('recovers by itself: the worker tries again, and the name is good again', async () => {
      await test.sandbox().rule({ status: 500, body: '{}', times: 2 });
      await test.renewer().renew(test.target());
      await test.at(3);
      expect(await test.renewer().renewDue(10)).toBe(1);
      await eventually(async () => expect((await test.stored()).lastError?.attempts).toBe(2));
      await test.at(10);
      expect(await test.renewer(1).renewDue(10)).toBe(1);
      await eventually(async () =>
        expect(await test.stored()).toMatchObject({ status: 'active', generation: 2, lastError: null }),
      );
      expect(await test.asked()).toBe(4);
    });

    it('is not tried again before the provider’s Retry-After, not even by somebody in need', async () => {
      await test.sandbox().rule({ status: 429, body: '{}', headers: { 'retry-after': '30' } });
      expect(await test.renewer().renew(test.target())).toMatchObject({
        kind: 'failed',
        retryAfterSeconds: 30,
        failure: { code: 'rate_limited', retryAfterSeconds: 30 },
      });
      await test.at(28);
      expect(await test.renewer().renewDue(10)).toBe(0);
      const refused = await test.renewer(1).renew(test.target());
      expect(refused).toMatchObject({ kind: 'failed', lastError: { code: 'rate_limited' } });
      expect(refused.kind === 'failed' && refused.retryAfterSeconds).toBeLessThanOrEqual(2);
      expect(await test.asked()).toBe(2);
      await test.at(31);
      expect(await test.renewer(1).renewDue(10)).toBe(1);
      await eventually(async () => expect((await test.stored()).generation).toBe(2));
    });

    it('is tried again at once when an admin insists', async () => {
      await test.sandbox().rule({ status: 503, body: '{}', headers: { 'retry-after': '600' } });
      await test.renewer().renew(test.target());
      expect(await test.renewer().renew(test.target(), insist)).toEqual({ kind: 'renewed' });
      expect(await test.stored()).toMatchObject({ status: 'active', lastError: null });
    });

    it('ends a connection whose grant is gone, and never asks for it again', async () => {
      const target = await test.connectByCode();
      expect(await test.renewer().renew(target)).toMatchObject({
        kind: 'ended',
        failure: { code: 'not_renewable', class: 'terminal' },
      });
      expect(await test.stored('code')).toMatchObject({
        status: 'reauthorization_required',
        nextRenewalAt: null,
        lastError: { code: 'not_renewable', next_attempt_at: null },
      });
      await test
        .database()
        .query('update gk.connections set next_renewal_at = null where id = $1', [test.connectionId()]);
      await test.at(86_400);
      expect(await test.renewer(1).renewDue(10)).toBe(0);
      expect(await test.renewer(1).renew(target, insist)).toEqual({ kind: 'ended' });
      expect(await test.asked()).toBe(1);
    });

    it('never ends one made by client credentials: no user could give them their grant again', async () => {
      await test.sandbox().rule({ status: 400, body: { error: 'invalid_grant' } });
      expect(await test.renewer().renew(test.target())).toMatchObject({
        kind: 'failed',
        failure: { code: 'unauthorized_client', class: 'configuration' },
      });
      expect((await test.stored()).nextRenewalAt).not.toBeNull();
    });

    it('keeps asking with client credentials where a refresh token came along', async () => {
      await test.sandbox().rule({ patch: { refresh_token: 'stray' } });
      await test.renewer().renew(test.target(1));
      expect(await test.renewer().renew(test.target(2))).toEqual({ kind: 'renewed' });
    });

    it('does not take an invalid_grant inside a 500 for the end', async () => {
      await test.sandbox().rule({ status: 500, body: { error: 'invalid_grant' } });
      expect((await test.renewer().renew(test.target())).kind).toBe('failed');
      expect((await test.stored()).status).toBe('degraded');
    });
  });

  describe('with several client secrets', () => {
    const addSecret = (value: string) =>
      test
        .core()
        .get(CredentialRepository)
        .addSecret(test.tenant().id, test.tenant().credential.id, { kind: 'client_secret', value });

    it('falls back to the older one where the provider refuses the newest', async () => {
      await addSecret('not yet known to the provider');
      expect(await test.renewer().renew(test.target())).toEqual({ kind: 'renewed' });
      const requests = await test.sandbox().requests(test.tenant().clientId);
      expect(requests.map(({ status }) => status)).toEqual([200, 401, 200]);
      expect(await test.stored()).toMatchObject({ status: 'active', lastError: null });
    });

    it('forgets the older one once the newest is proved, and not before', async () => {
      const { clientId, clientSecret, provider, credential } = test.tenant();
      const kept = async () =>
        (await test.core().get(CredentialRepository).openSecrets(credential)).map(({ value }) => value);
      await addSecret('the new one');
      await test.renewer().renew(test.target());
      expect(await kept()).toEqual(['the new one', clientSecret]);
      await test.sandbox().register({ provider, client_id: clientId, client_secret: 'the new one' });
      expect(await test.renewer().renew(test.target(2))).toEqual({ kind: 'renewed' });
      expect(await kept()).toEqual(['the new one']);
    });

    it('is tried with a new one at once where the old ones were refused', async () => {
      const { clientId, provider } = test.tenant();
      await test.sandbox().register({ provider, client_id: clientId, client_secret: 'changed over there' });
      await test.renewer().renew(test.target());
      expect(await test.renewer().renewDue(10)).toBe(0);
      await addSecret('changed over there');
      expect(await test.renewer().renewDue(10)).toBe(1);
      await eventually(async () => expect((await test.stored()).status).toBe('active'));
    });

    it('uses the newest alone once the provider takes it', async () => {
      const { clientId, clientSecret, provider } = test.tenant();
      await addSecret('the new one');
      await test
        .sandbox()
        .register({ provider, client_id: clientId, client_secret: ['the new one', clientSecret] });
      expect(await test.renewer().renew(test.target())).toEqual({ kind: 'renewed' });
      expect(await test.asked()).toBe(2);
    });

    it.each([
      ['a 500', { status: 500, body: '{}' }],
      ['a 429', { status: 429, body: '{}' }],
      ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
      ['unauthorized_client', { status: 400, body: { error: 'unauthorized_client' } }],
      ['a dropped connection', { drop: 'before' }],
    ])('does not show the older one to the provider after %s', async (_case, rule) => {
      await addSecret('another');
      await test.sandbox().rule(rule);
      await test.renewer().renew(test.target());
      expect(await test.asked()).toBe(2);
    });

    it('leaves the connection degraded when all are refused, and recovers with a right one', async () => {
      const { clientId, provider } = test.tenant();
      await test.sandbox().register({ provider, client_id: clientId, client_secret: 'changed over there' });
      const result = await test.renewer().renew(test.target());
      expect(result).toMatchObject({
        kind: 'failed',
        failure: {
          code: 'invalid_client',
          class: 'configuration',
          remedy: expect.stringContaining('/secrets'),
        },
      });
      expect(await test.stored()).toMatchObject({
        status: 'degraded',
        lastError: { code: 'invalid_client' },
      });
      await addSecret('changed over there');
      expect(await test.renewer().renew(test.target(), insist)).toEqual({ kind: 'renewed' });
    });
  });

  describe('by the worker', () => {
    it('renews ahead of expiry what is due, also for a reader of the same process who waits for that lease', async () => {
      const renewals = test.core().get(RenewalRepository);
      const other = await renewals.claim(test.target(), leaseOf(15));
      if ('refusal' in other) throw new Error(other.refusal);
      const waiting = test.renewer().renew(test.target());
      await test.sandbox().rule({ delay_ms: 200 });
      await renewals.fail(other, {
        status: 'degraded',
        error: { code: 'server_error', at: '', attempts: 1, next_attempt_at: null, remedy: '' },
        nextRenewalAt: new Date(Date.now() - 1_000),
        retryNotBefore: null,
        terminal: false,
        refused: false,
        spentHash: null,
      });
      const claimed = await test.renewer().renewDue(10);
      expect(await waiting).toEqual({ kind: 'renewed' });
      expect(claimed).toBeLessThanOrEqual(1);
      expect(await test.asked()).toBe(2);
    });

    it('leaves a token alone until its time has come', async () => {
      const { nextRenewalAt, accessTokenExpiresAt } = await test.stored();
      const leadSeconds = ((accessTokenExpiresAt?.getTime() ?? 0) - (nextRenewalAt?.getTime() ?? 0)) / 1_000;
      expect(leadSeconds).toBeGreaterThanOrEqual(90);
      expect(leadSeconds).toBeLessThanOrEqual(99);
      await test.at(lifetimeSeconds - 102);
      expect(await test.renewer().renewDue(10)).toBe(0);
      await test.at(lifetimeSeconds - 89);
      expect(await test.renewer().renewDue(10)).toBe(1);
      await eventually(async () => expect((await test.stored()).generation).toBe(2));
    });

    it('finishes a first exchange that its process did not live to finish', async () => {
      const { id } = await test.core().get(ConnectionRepository).create(test.tenant().id, {
        slug: 'abandoned',
        credentialId: test.tenant().credential.id,
        grant: 'client_credentials',
        subject: null,
        requestedScope: null,
        renewal: 'auto',
        takeOverSeconds: 20,
      });
      const abandoned = { ...test.target(0), connectionId: id };
      await test.core().get(RenewalRepository).claim(abandoned, leaseOf(8));
      expect(await test.reader(1).read(test.tenant().id, 'abandoned', 60)).toEqual({
        kind: 'authorization_pending',
      });
      await test.at(21);
      expect(await test.renewer(1).renewDue(10)).toBe(1);
      await eventually(async () =>
        expect(await test.reader(1).read(test.tenant().id, 'abandoned', 60)).toMatchObject({
          kind: 'token',
          token: { generation: 1 },
        }),
      );
    });
  });
});
