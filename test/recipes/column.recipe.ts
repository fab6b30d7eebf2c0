import type { Recipe } from './recipe.js';

/** "A column" of CONTRIBUTING.md: a column that every committed renewal writes. */
export const column: Recipe = {
  name: 'a column that a renewal writes',
  follow: (tree) => {
    const vault = 'libs/vault';
    tree.write(`${vault}/migrations/0002-token-type.ts`, migration);
    const list = `${vault}/migrations/index.ts`;
    tree.insert(
      list,
      '\n/** In the order',
      "import { TokenType1764000000002 } from './0002-token-type.js';\n",
    );
    tree.insert(list, '];', ', TokenType1764000000002');
    tree.insert(
      `${vault}/entities/connection.entity.ts`,
      "  @Column('text')\n  renewal",
      "  /** As the provider named it with the latest tokens. */\n  @Column('text', { name: 'token_type', nullable: true })\n  tokenType!: string | null;\n\n",
    );
    const statement = `${vault}/repositories/commit-statement.ts`;
    tree.insert(statement, '      issued_at:', '      token_type: tokens.contents.tokenType,\n');
    const commit = `${vault}/schema/functions/commit_renewals.sql`;
    tree.insert(commit, ' issued_at timestamptz', ' token_type text,');
    tree.insert(commit, 'access_token_issued_at = ', 'token_type = p.token_type, ');
  },
  changes: [
    'libs/vault/entities/connection.entity.ts',
    'libs/vault/migrations/0002-token-type.ts',
    'libs/vault/migrations/index.ts',
    'libs/vault/repositories/commit-statement.ts',
    'libs/vault/schema/functions/commit_renewals.sql',
  ],
  // It is written with each renewal, and read with the connection.
  suite: { file: 'libs/vault/token-type.int-spec.ts', text: () => suite, tests: 1 },
};

const migration = `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TokenType1764000000002 implements MigrationInterface {
  name = 'TokenType1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table gk.connections add column token_type text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table gk.connections drop column token_type');
  }
}
`;

const suite = `import { expect, it } from '@jest/globals';
import { createTestDatabase } from '#testing';
import { migrate } from './migrate.js';
import { addConnection, addCredential, claimNow, openVault, tokens } from './spec-support/vault.js';

it('follows the tokens', async () => {
  const database = await createTestDatabase();
  expect(await migrate({ url: database.url })).toBe(2);
  const vault = await openVault(database.url);
  const tenant = await addCredential(vault);
  const { id: connectionId } = await addConnection(vault, tenant);
  const stored = async () => (await vault.connections.findById(tenant.tenantId, connectionId))?.tokenType;
  expect(await stored()).toBeNull();
  for (const [generation, tokenType] of ['Bearer', 'DPoP'].entries()) {
    const claim = await claimNow(vault, { tenantId: tenant.tenantId, connectionId, generation });
    const loaded = await vault.renewals.load(claim);
    if (!loaded) throw new Error('Expected a loaded claim.');
    const contents = { accessToken: 'a', tokenType, scope: null, refreshToken: null };
    expect(await vault.renewals.commit(claim, loaded, tokens('a', { contents }))).toBe(true);
    expect(await stored()).toBe(tokenType);
  }
  await vault.close();
  await database.drop();
});
`;
