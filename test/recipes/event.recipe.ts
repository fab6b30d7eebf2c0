import { eventTypes } from '#events';
import type { Recipe } from './recipe.js';

const type = 'connection.scope_changed';

/** "An event" of CONTRIBUTING.md: an event that a renewal with another scope writes. */
export const event: Recipe = {
  name: 'an event',
  follow: (tree) => {
    tree.insert('libs/events/event-types.ts', '] as const', `  '${type}',\n`);
    tree.write('libs/vault/migrations/0003-scope-changed.ts', migration);
    const list = 'libs/vault/migrations/index.ts';
    tree.insert(
      list,
      '\n/** In the order',
      "import { ScopeChanged1764000000003 } from './0003-scope-changed.js';\n",
    );
    tree.insert(list, '];', ', ScopeChanged1764000000003');
    const commit = 'libs/vault/schema/functions/commit_renewals.sql';
    tree.insert(commit, ' v_leased uuid[];', ' v_rescoped uuid[];');
    tree.insert(
      commit,
      '  update connections c set',
      `  select array_agg(c.id) into v_rescoped from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid, scope text)
      join connections c on c.tenant_id = p.tenant_id and c.id = p.connection_id
    where c.id = any (v_ids) and c.generation > 0 and c.scope is distinct from p.scope;
`,
    );
    tree.insert(
      commit,
      '  perform pg_notify',
      `  insert into connection_events (tenant_id, connection_id, type, data, created_at)
    select p.tenant_id, p.connection_id, '${type}', '{}', v_now
    from jsonb_to_recordset(p_renewals) as p (tenant_id uuid, connection_id uuid) where p.connection_id = any (v_rescoped);
`,
    );
    tree.insert(
      'docs/webhooks.md',
      '| `connection.revoked`',
      `| \`${type}\` | a renewal brought tokens of another scope |\n`,
    );
  },
  changes: [
    'docs/webhooks.md',
    'libs/events/event-types.ts',
    'libs/vault/migrations/0003-scope-changed.ts',
    'libs/vault/migrations/index.ts',
    'libs/vault/schema/functions/commit_renewals.sql',
  ],
  // It is written with its change, and a webhook that asked for it is told.
  suite: { file: 'libs/events/scope-changed.int-spec.ts', text: () => suite, tests: 1 },
};

const migration = `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ScopeChanged1764000000003 implements MigrationInterface {
  name = 'ScopeChanged1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`
      drop trigger announce_event on gk.connection_events;
      create trigger announce_event after insert on gk.connection_events for each row
        when (new.type in (${[...eventTypes, type].map((name) => `'${name}'`).join(', ')}))
        execute function gk.announce_event()\`);
  }

  async down(): Promise<void> {
    throw new Error('There is no way back.');
  }
}
`;

const suite = `import { createServer } from 'node:http';
import { expect, it } from '@jest/globals';
import { ConnectionRepository, CredentialRepository, RenewalRepository, TenantRepository } from '#vault';
import { createCore, createTestDatabase, eventually, leaseOf, listen } from '#testing';
import { migrate } from '../vault/migrate.js';
import { tokens } from '../vault/spec-support/vault.js';
import { DeliveryDispatcher, WebhookService, eventTypes } from './index.js';

it('is written and announced', async () => {
  expect(eventTypes).toContain('${type}');
  const database = await createTestDatabase();
  expect(await migrate({ url: database.url })).toBe(2);
  const told: { type: string; data: { connection: string; generation: number } }[] = [];
  const receiver = await listen(
    createServer(async (request, response) => {
      told.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      response.writeHead(204).end();
    }),
  );
  const env = { GRANTKEEPER_EGRESS_ALLOW: receiver.origin };
  const core = await createCore({ database, sandbox: receiver.origin, env });
  const { id: tenantId } = await core.get(TenantRepository).create({ slug: 'acme', name: 'acme' });
  const secret = { kind: 'client_secret', value: 'secret' } as const;
  const client = { slug: 'main', provider: 'some-provider', clientId: 'client', secret, settings: {} };
  const { id: credentialId } = await core.get(CredentialRepository).create(tenantId, client);
  const events = ['${type}'] as const;
  const wanted = { url: receiver.origin, description: null, events };
  expect(await core.get(WebhookService).create(tenantId, wanted)).toHaveProperty('secret');
  const { id: connectionId } = await core.get(ConnectionRepository).create(tenantId, {
    ...{ slug: 'sales', credentialId, grant: 'client_credentials', subject: null, requestedScope: null },
    ...{ renewal: 'auto', takeOverSeconds: null },
  });
  const renewals = core.get(RenewalRepository);
  for (const [generation, scope] of ['a', 'a', 'a b'].entries()) {
    const claim = await renewals.claim({ tenantId, connectionId, generation }, leaseOf(15));
    const loaded = 'refusal' in claim ? null : await renewals.load(claim);
    if ('refusal' in claim || !loaded) throw new Error('Expected a claim.');
    const contents = { accessToken: 'a', tokenType: 'Bearer', scope, refreshToken: null };
    expect(await renewals.commit(claim, loaded, tokens('a', { contents }))).toBe(true);
  }
  const { items } = await core.get(ConnectionRepository).events(tenantId, connectionId, { limit: 10 });
  expect(items.map((event) => event.type).sort()).toEqual(['connection.active', '${type}']);
  await core.get(DeliveryDispatcher).dispatchDue(10);
  await eventually(() => expect(told).toHaveLength(1));
  expect(told).toMatchObject([{ type: '${type}', data: { connection: 'sales', generation: 3 } }]);
  await core.close();
  await receiver.close();
  await database.drop();
}, 60_000);
`;
