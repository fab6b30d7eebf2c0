import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CodeExchange, ConnectService } from '#connect';
import { type Core, eventually, leaseOf, useReplicas } from '#testing';
import { CredentialRepository, PendingGrantRepository, RenewalRepository, TokenRepository } from '#vault';
import type { RenewalTarget } from './renewal-target.js';
import { Renewer } from './renewer.js';

const provider = 'generic-oauth2';

describe('a new authorisation that comes while the grant before is being renewed', () => {
  const replicas = useReplicas({ GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*' });

  /** A grant whose refresh token can be sent once. */
  async function connect() {
    const { id: tenantId, clientId, clientSecret } = replicas.tenant();
    await replicas.sandbox().register({ provider, client_id: clientId, client_secret: clientSecret });
    const credential = await replicas
      .core()
      .get(CredentialRepository)
      .create(tenantId, {
        slug: 'generic',
        provider,
        clientId,
        secret: { kind: 'client_secret', value: clientSecret },
        settings: { token_endpoint: `${replicas.sandbox().origin}/generic/token` },
      });
    const result = await replicas
      .core()
      .get(ConnectService)
      .connect(
        tenantId,
        {
          slug: 'generic',
          credential,
          grant: 'refresh_token',
          subject: null,
          requestedScope: null,
          renewal: 'on_demand',
        },
        { grant: await newGrant() },
      );
    if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    return { tenantId, connectionId: result.connection.id, generation: 1 };
  }

  async function newGrant() {
    const { clientId } = replicas.tenant();
    const refreshToken = await replicas.sandbox().grant({ provider, client_id: clientId, user: 'somebody' });
    return { type: 'refresh_token', refreshToken } as const;
  }

  /** A refresh that takes half a second, once its request is there. */
  async function slowRenewal(target: RenewalTarget) {
    const { clientId } = replicas.tenant();
    const { arrived } = await replicas.sandbox().counts(clientId);
    await replicas.sandbox().rule({ respond_delay_ms: 500 });
    const renewing = replicas.renewer().renew(target, { announce: true });
    await eventually(async () =>
      expect((await replicas.sandbox().counts(clientId)).arrived).toBe(arrived + 1),
    );
    return { renewing };
  }

  /** As an import that somebody makes at this moment. */
  async function authorize({ tenantId, connectionId }: RenewalTarget) {
    const grant = await newGrant();
    await replicas.core().get(PendingGrantRepository).put(tenantId, connectionId, {
      contents: { grant },
      intervalSeconds: null,
      expiresInSeconds: 60,
      dueInSeconds: 20,
    });
    return { grant, nextRenewalAt: (await replicas.stored('generic')).nextRenewalAt };
  }

  /** A user is back with a code, which the provider takes. */
  async function exchangeCode({ tenantId }: RenewalTarget) {
    await replicas.sandbox().rule({
      match: { grant_type: 'authorization_code' },
      status: 200,
      body: { access_token: 'by-the-code', token_type: 'Bearer', expires_in: 300, refresh_token: 'new' },
    });
    return replicas
      .core()
      .get(CodeExchange)
      .exchange(tenantId, await replicas.stored('generic'), {
        authorizationUrl: '',
        redirectUri: 'https://here.example/back',
        codeVerifier: 'verifier',
        code: 'the code',
      });
  }

  const bodies = async () =>
    (await replicas.sandbox().requests(replicas.tenant().clientId)).map(({ body }) => body).join('\n');

  it('is not lost when that one turns out to have ended', async () => {
    const target = await connect();
    const { clientId } = replicas.tenant();
    await replicas.sandbox().revokeGrants(clientId);
    const { renewing } = await slowRenewal(target);
    const { nextRenewalAt } = await authorize(target);
    expect(await renewing).toMatchObject({ kind: 'ended', failure: { code: 'invalid_grant' } });
    // The worker would still take it over, had its process died.
    expect((await replicas.stored('generic')).nextRenewalAt).toEqual(nextRenewalAt);
    expect(await replicas.renewer().renew(target)).toEqual({ kind: 'renewed' });
    expect(await replicas.stored('generic')).toMatchObject({ status: 'active', generation: 2 });
  });

  it('is still exchanged when that one succeeds', async () => {
    const target = await connect();
    const { renewing } = await slowRenewal(target);
    const { grant, nextRenewalAt } = await authorize(target);
    expect(await renewing).toEqual({ kind: 'renewed' });
    expect(await replicas.stored('generic')).toMatchObject({
      status: 'active',
      generation: 2,
      nextRenewalAt,
    });
    expect(await bodies()).not.toContain(grant.refreshToken);
    expect(await replicas.renewer().renew({ ...target, generation: 2 })).toEqual({ kind: 'renewed' });
    expect(await bodies()).toContain(grant.refreshToken);
    expect((await replicas.stored('generic')).generation).toBe(3);
  });

  it('by a code is exchanged before anybody is told that it is active', async () => {
    const target = await connect();
    const { renewing } = await slowRenewal(target);
    const result = await exchangeCode(target);
    expect(await renewing).toEqual({ kind: 'renewed' });
    expect(result).toMatchObject({ kind: 'active', connection: { generation: 3 } });
    const read = await replicas.core().get(TokenRepository).read(target.tenantId, 'generic');
    expect(read?.token?.accessToken).toBe('by-the-code');
  });

  it('by a code is exchanged, too, when everybody waits for a renewal that fails for good', async () => {
    const target = await connect();
    await replicas.sandbox().revokeGrants(replicas.tenant().clientId);
    const { renewing } = await slowRenewal(target);
    const result = await exchangeCode(target);
    expect(await renewing).toMatchObject({ kind: 'ended' });
    expect(result).toMatchObject({ kind: 'active', connection: { generation: 2 } });
  });

  describe('of a process that died', () => {
    let dataDir: string;
    let dying: Core;

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'gk-authorized-'));
      dying = await replicas.start({ GRANTKEEPER_DATA_DIR: dataDir });
    });
    afterEach(async () => {
      await dying.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    /** Leaves what a crash leaves between the journal and the database. */
    async function renewUpToTheJournal(target: RenewalTarget): Promise<void> {
      const database = replicas.database();
      await database.query('alter function gk.commit_renewals rename to commit_renewals_away');
      await expect(dying.get(Renewer).renew(target)).rejects.toThrow('commit_renewals');
      await database.query('alter function gk.commit_renewals_away rename to commit_renewals');
    }

    async function restart(): Promise<void> {
      await dying.close();
      dying = await replicas.start({ GRANTKEEPER_DATA_DIR: dataDir });
    }

    it('is still exchanged when that answer is written out of its journal', async () => {
      const target = await connect();
      await renewUpToTheJournal(target);
      const { grant, nextRenewalAt } = await authorize(target);
      await restart();
      expect(await replicas.stored('generic')).toMatchObject({ generation: 2, nextRenewalAt });
      expect(await bodies()).not.toContain(grant.refreshToken);
      expect(await replicas.renewer().renew({ ...target, generation: 2 })).toEqual({ kind: 'renewed' });
      expect(await bodies()).toContain(grant.refreshToken);
    });

    it('is itself written out of its journal, over a renewal that came late', async () => {
      const target = await connect();
      const renewals = dying.get(RenewalRepository);
      const late = await renewals.claim(target, leaseOf(0.01));
      const loaded = 'refusal' in late ? null : await renewals.load(late);
      if ('refusal' in late || !loaded?.token) throw new Error('Nobody else claims it.');
      await sleep(50);
      const { grant } = await authorize(target);
      await renewUpToTheJournal(target);
      const { token: contents } = loaded;
      const inAnHour = new Date(Date.now() + 3_600_000);
      const written = await renewals.commit(late, loaded, {
        contents,
        issuedAt: new Date(),
        expiresAt: inAnHour,
        refreshTokenExpiresAt: null,
        nextRenewalAt: inAnHour,
        renewAheadAt: null,
        grantEndsAt: null,
        rotating: true,
        singleUse: false,
        announce: false,
      });
      expect(written).toBe(true);
      expect((await replicas.stored('generic')).generation).toBe(2);
      await restart();
      expect((await replicas.stored('generic')).generation).toBe(3);
      expect((await bodies()).split(grant.refreshToken)).toHaveLength(2);
      expect(await replicas.renewer().renew({ ...target, generation: 3 })).toEqual({ kind: 'renewed' });
    });
  });
});
