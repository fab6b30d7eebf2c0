import { describe, expect, it } from '@jest/globals';
import { failureCodes } from '#provider-kit';
import { eventually, lifetimeSeconds, useReplicas } from '#testing';
import {
  ConnectionRepository,
  CredentialRepository,
  TenantRemovalRepository,
  TenantRepository,
} from '#vault';
import { TokenReader } from './token-reader.js';

describe('reading a token', () => {
  const test = useReplicas();
  const cached = (number: 0 | 1, minTtlSeconds = 60) =>
    test.reader(number).readCached(test.tenant().id, 'main', minTtlSeconds);

  it('serves a fresh one from the database, then from memory, and asks no provider', async () => {
    expect(cached(0)).toBeUndefined();
    const answer = await test.read();
    if (answer.kind !== 'token') throw new Error(answer.kind);
    expect(answer.token).toMatchObject({
      generation: 1,
      tokenType: 'bearer',
      connectionId: test.connectionId(),
    });
    expect((await test.sandbox().judge(answer.token.accessToken)).accepted).toBe(true);
    expect(cached(0)).toEqual(answer.token);
    expect(await test.asked()).toBe(1);
  });

  it('knows neither made-up connections nor those of another tenant', async () => {
    expect(await test.reader().read(test.tenant().id, 'no-such', 60)).toEqual({ kind: 'not_found' });
    const [other] = await test.database().query<{ id: string }>('select gen_random_uuid() as id');
    expect(await test.reader().read(other?.id ?? '', 'main', 60)).toEqual({ kind: 'not_found' });
  });

  it('renews an expired one once for 200 readers at two replicas, and gives all of them the new one', async () => {
    await test.at(lifetimeSeconds + 1);
    await test.sandbox().rule({ delay_ms: 100 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => test.read(60, n % 2 === 0 ? 0 : 1)),
    );
    const tokens = answers.map((answer) =>
      answer.kind === 'token' ? answer.token.accessToken : answer.kind,
    );
    expect(new Set(tokens).size).toBe(1);
    expect((await test.sandbox().judge(tokens[0] ?? '')).accepted).toBe(true);
    expect(await test.asked()).toBe(2);
  });

  it('renews one with less than min_ttl left, and none with half its life left', async () => {
    await test.at(lifetimeSeconds / 2 - 5);
    expect(await test.read(86_400)).toMatchObject({ kind: 'token', token: { generation: 1 } });
    await test.at(lifetimeSeconds - 70);
    expect(await test.read(60, 1)).toMatchObject({ kind: 'token', token: { generation: 1 } });
    expect(await test.read(80, 1)).toMatchObject({ kind: 'token', token: { generation: 2 } });
    expect(await test.asked()).toBe(2);
  });

  it('serves what a renewal brought whatever its life', async () => {
    await test.sandbox().rule({ expires_in: 1 });
    await test.at(lifetimeSeconds + 1);
    expect(await test.read(60)).toMatchObject({ kind: 'token', token: { generation: 2, lifetimeMs: 1_000 } });
  });

  it('serves the old one while renewing fails, to its last second, and says so after that', async () => {
    const { provider, clientId, id, credential } = test.tenant();
    await test.sandbox().register({ provider, client_id: clientId, client_secret: 'changed over there' });
    await test.at(lifetimeSeconds - 30);
    expect(await test.read(60)).toMatchObject({ kind: 'token', token: { generation: 1 } });
    expect(await test.stored()).toMatchObject({ status: 'degraded', lastError: { code: 'invalid_client' } });
    // The failure is fresh: the next readers do not ask again.
    expect(await test.read(60, 1)).toMatchObject({ kind: 'token', token: { generation: 1 } });
    expect(await test.asked()).toBe(2);

    await test.at(lifetimeSeconds - 2);
    expect(await test.read(60, 1)).toMatchObject({ kind: 'token', token: { generation: 1 } });
    // Past its end by the database's clock; a replica that has not read it keeps nothing of it.
    await test.at(lifetimeSeconds + 1);
    const fresh = await test.start();
    const read = () => fresh.get(TokenReader).read(id, 'main', 60);
    expect(await read()).toMatchObject({ kind: 'unavailable', retryAfterSeconds: expect.any(Number) });

    await test.core().get(CredentialRepository).addSecret(id, credential.id, {
      kind: 'client_secret',
      value: 'changed over there',
    });
    await test.at(lifetimeSeconds + 20);
    expect(await read()).toMatchObject({ kind: 'token', token: { generation: 2 } });
    expect(await test.stored()).toMatchObject({ status: 'active', lastError: null });
    await fresh.close();
  });

  it('tells readers of an expired one how long to stay away, and does not ask meanwhile', async () => {
    await test.at(lifetimeSeconds + 1);
    await test.sandbox().rule({ status: 503, body: '{}', headers: { 'retry-after': '40' } });
    expect(await test.read()).toEqual({ kind: 'unavailable', retryAfterSeconds: 40 });
    const again = await test.read(60, 1);
    expect(again.kind === 'unavailable' && again.retryAfterSeconds).toBeGreaterThanOrEqual(38);
    expect(await test.asked()).toBe(2);
  });

  it('serves a connection that has ended until its token has, then says what to do', async () => {
    await test.renewer().renew(await test.connectByCode());
    const read = (number: 0 | 1) => test.reader(number).read(test.tenant().id, 'code', 86_400);
    expect(await read(0)).toMatchObject({ kind: 'token', token: { generation: 1, accessToken: 'by-code' } });
    await test.at(lifetimeSeconds + 1);
    expect(await read(1)).toEqual({
      kind: 'reauthorization_required',
      remedy: failureCodes.not_renewable.remedy,
    });
  });

  it('does not open a token set put back from an older generation', async () => {
    const [old] = await test
      .database()
      .query<{ sealed: string }>('select sealed from gk.token_sets where connection_id = $1', [
        test.connectionId(),
      ]);
    await test.renewer().renew(test.target());
    await test
      .database()
      .query('update gk.token_sets set sealed = $2 where connection_id = $1', [
        test.connectionId(),
        old?.sealed,
      ]);
    await expect(test.read()).rejects.toMatchObject({ code: 'cannot_open' });
  });

  describe('is forgotten by the other replica within a second', () => {
    const dropped = () => eventually(() => expect(cached(1)).toBeUndefined(), 1_000);
    // A token that is read while the news of a change comes in is not kept.
    const cacheIt = () =>
      eventually(async () => {
        expect((await test.read(60, 1)).kind).toBe('token');
        expect(cached(1)).toBeDefined();
      });

    it('when its connection is deleted', async () => {
      await cacheIt();
      await test.core().get(ConnectionRepository).remove(test.tenant().id, test.connectionId());
      await dropped();
      expect(await test.read(60, 1)).toEqual({ kind: 'not_found' });
    });

    it('when it is paused, and served again when the pause is lifted', async () => {
      await cacheIt();
      const pause = (paused: boolean) =>
        test.core().get(ConnectionRepository).setPaused(test.tenant().id, test.connectionId(), paused, 'k');
      await pause(true);
      await dropped();
      expect(await test.read(60, 1)).toEqual({ kind: 'paused' });
      expect(cached(1)).toBeUndefined();
      await pause(false);
      await cacheIt();
    });

    it('when its tenant is disabled or removed', async () => {
      await cacheIt();
      await test.core().get(TenantRepository).update(test.tenant().slug, { disabled: true });
      await dropped();
      await cacheIt();
      await test.core().get(TenantRemovalRepository).remove(test.tenant().slug, 60_000);
      await dropped();
    });

    it('when its grant has ended', async () => {
      const target = await test.connectByCode();
      const inMemory = () => test.reader(1).readCached(test.tenant().id, 'code', 60);
      await eventually(async () => {
        await test.reader(1).read(test.tenant().id, 'code', 60);
        expect(inMemory()).toBeDefined();
      });
      await test.renewer().renew(target);
      await eventually(() => expect(inMemory()).toBeUndefined(), 1_000);
    });

    it('when a renewal was announced, and only then', async () => {
      await cacheIt();
      await test.renewer().renew(test.target(1));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(cached(1)).toMatchObject({ generation: 1 });
      await test.renewer().renew(test.target(2), { announce: true });
      await dropped();
    });
  });
});
