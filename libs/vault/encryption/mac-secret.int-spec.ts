import { expect, it } from '@jest/globals';
import { createTestDatabase } from '#testing';
import { localKek } from './local-kek.js';
import { storedMacSecret } from './mac-secret.js';

it('is the same for replicas that make it at once', async () => {
  const database = await createTestDatabase();
  try {
    const { provider } = localKek('k1', new Uint8Array(32).fill(7));
    /** Each replica looks before any has written. */
    const both = Promise.withResolvers<void>();
    let looked = 0;
    const replica = () =>
      storedMacSecret(
        async (sql, parameters) => {
          const rows = await database.query<{ wrapped: string }>(sql, parameters);
          if (sql.startsWith('select') && ++looked === 2) both.resolve();
          await both.promise;
          return rows;
        },
        'deployment',
        'k1',
        provider,
      );
    const [one, other] = await Promise.all([replica(), replica()]);
    expect(one).toEqual(other);
    expect(await database.query('select kid from gk.mac_keys')).toEqual([{ kid: 'k1' }]);
  } finally {
    await database.drop();
  }
});
