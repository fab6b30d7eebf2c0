import { describe, expect, it } from '@jest/globals';
import { connectClient, createTenant, eventually } from '#testing';
import { ConnectionRepository } from '#vault';
import { Renewer } from './renewer.js';
import { useReplicas } from './spec-support/replicas.js';

describe('a renewal that waits for its turn', () => {
  const test = useReplicas({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '1000' });

  it('has the whole time for its request, however long those before it have hung', async () => {
    const worker = await test.start({ GRANTKEEPER_RENEWAL_CONCURRENCY: '1' });
    const other = await createTenant(test.core(), test.sandbox());
    const waiting = await connectClient(test.core(), other);
    await test
      .database()
      .query('update gk.connections set next_renewal_at = gk.now() where id in ($1, $2)', [
        test.connectionId(),
        waiting.id,
      ]);
    // Whichever comes first hangs for good; the other one takes its time, and answers.
    await test.sandbox().rule({ delay_ms: 5_000 });
    await test.sandbox().rule({ delay_ms: 400 });
    expect(await worker.get(Renewer).renewDue(2)).toBe(2);
    const ends = () =>
      Promise.all(
        [test.tenant().id, other.id].map(async (tenantId) => {
          const found = await worker.get(ConnectionRepository).find(tenantId, 'main');
          return found?.lastError?.code ?? `generation ${found?.generation}`;
        }),
      );
    await eventually(async () => expect(await ends()).not.toContain('generation 1'), 8_000);
    expect((await ends()).sort()).toEqual(['generation 2', 'upstream_timeout']);
    await worker.close();
  });
});
