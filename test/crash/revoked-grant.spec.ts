import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectService } from '#connect';
import {
  type Connection,
  ConnectionRepository,
  CredentialRepository,
  TenantRepository,
  WebhookRepository,
} from '#vault';
import { type Simulation, startSimulation } from './simulation.js';

const provider = 'generic-oauth2';
const clientId = 'revoked';

describe('a grant that its user has taken back', () => {
  let simulation: Simulation;
  let tenantId: string;
  beforeAll(async () => {
    simulation = await startSimulation();
    const { core, sandbox } = simulation;
    await sandbox.register({ provider, client_id: clientId, client_secret: 'a secret of this client' });
    tenantId = (await core.get(TenantRepository).create({ slug: 'revoked', name: 'revoked' })).id;
    await core.get(WebhookRepository).create(tenantId, {
      url: 'https://hooks.example.com/',
      events: null,
      description: null,
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLawS',
    });
  });
  afterAll(() => simulation.close());

  async function connect(slug: string): Promise<Connection> {
    const { core, sandbox } = simulation;
    const credential =
      (await core.get(CredentialRepository).find(tenantId, 'main')) ??
      (await core.get(CredentialRepository).create(tenantId, {
        slug: 'main',
        provider,
        clientId,
        secret: { kind: 'client_secret', value: 'a secret of this client' },
        settings: { token_endpoint: `${sandbox.origin}/generic/token` },
      }));
    const refreshToken = await sandbox.grant({ provider, client_id: clientId, user: slug });
    const result = await core
      .get(ConnectService)
      .connect(
        tenantId,
        { slug, credential, grant: 'refresh_token', subject: null, requestedScope: null, renewal: 'eager' },
        { grant: { type: 'refresh_token', refreshToken } },
      );
    if (result.kind !== 'active') throw new Error(JSON.stringify(result));
    return result.connection;
  }

  const endedEvents = async (connection: Connection) =>
    (
      await simulation.core.get(ConnectionRepository).events(tenantId, connection.id, { limit: 50 })
    ).items.filter(({ type }) => type === 'connection.reauthorization_required');

  /** Ids under which receivers are told that it must be authorised again. */
  const messages = (connection: Connection) =>
    simulation.database.query(
      `select distinct message_id from gk.deliveries where connection_id = $1 and type = 'connection.reauthorization_required'`,
      [connection.id],
    );

  const stored = (connection: Connection) =>
    simulation.core.get(ConnectionRepository).findById(tenantId, connection.id);

  it('is tried once, said once, and left alone', async () => {
    const connection = await connect('plain');
    await simulation.sandbox.revokeGrants(clientId);
    const { arrived } = await simulation.sandbox.counts(clientId);
    await simulation.run(simulation.elapsedSeconds + 25 * 3_600, 600);
    expect((await simulation.sandbox.counts(clientId)).arrived - arrived).toBe(1);
    expect(await stored(connection)).toMatchObject({
      status: 'reauthorization_required',
      generation: 1,
      nextRenewalAt: null,
      lastError: { code: 'invalid_grant', attempts: 1, remedy: expect.stringMatching(/\w/) },
    });
    expect((await endedEvents(connection)).length).toBe(1);
    expect((await messages(connection)).length).toBe(1);
  });

  it('is tried twice where the first answer was lost', async () => {
    const connection = await connect('ambiguous');
    await simulation.sandbox.rule({ match: { client_id: clientId }, drop: 'after' });
    const { arrived } = await simulation.sandbox.counts(clientId);
    await simulation.run(simulation.elapsedSeconds + 25 * 3_600, 600);
    expect((await simulation.sandbox.counts(clientId)).arrived - arrived).toBe(2);
    expect(await stored(connection)).toMatchObject({
      status: 'reauthorization_required',
      lastError: { code: 'invalid_grant', attempts: 2 },
    });
    expect((await endedEvents(connection)).length).toBe(1);
    expect((await messages(connection)).length).toBe(1);
  });
});
