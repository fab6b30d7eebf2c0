import { describe, expect, it } from '@jest/globals';
import { connectClient, createTenant, eventually, useReplicas } from '#testing';
import { ConnectionRepository } from '#vault';
import { Renewer } from './renewer.js';

describe('a renewal that waits for its turn', () => {
  const test = useReplicas({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '1000' });

  /** Two connections that are due, of two tenants, and a worker that asks for one of them at a time. */
  async function begin() {
    const worker = await test.start({ GRANTKEEPER_RENEWAL_CONCURRENCY: '1' });
    const other = await createTenant(test.core(), test.sandbox());
    const connections = [test.connectionId(), (await connectClient(test.core(), other)).id];
    await test
      .database()
      .query('update gk.connections set next_renewal_at = gk.now() where id = any ($1)', [connections]);
    const ends = () =>
      Promise.all(
        [test.tenant().id, other.id].map(async (tenantId) => {
          const found = await test.core().get(ConnectionRepository).find(tenantId, 'main');
          return found?.lastError?.code ?? `generation ${found?.generation}`;
        }),
      );
    const asked = async () => (await test.asked()) + (await test.sandbox().counts(other.clientId)).arrived;
    return { worker, ends, asked };
  }

  it('has the whole time for its request, however long those before it have hung', async () => {
    const { worker, ends } = await begin();
    // Whichever comes first hangs for good; the other one takes its time, and answers.
    await test.sandbox().rule({ delay_ms: 5_000 });
    await test.sandbox().rule({ delay_ms: 400 });
    expect(await worker.get(Renewer).renewDue(2)).toBe(2);
    await eventually(async () => expect(await ends()).not.toContain('generation 1'), 8_000);
    expect((await ends()).sort()).toEqual(['generation 2', 'upstream_timeout']);
    await worker.close();
  });

  it('is given back when the process ends first: nothing was sent, and nothing has failed', async () => {
    const { worker, ends, asked } = await begin();
    const before = await asked();
    await test.sandbox().rule({ delay_ms: 5_000 });
    expect(await worker.get(Renewer).renewDue(2)).toBe(2);
    await eventually(async () => expect(await asked()).toBe(before + 1));
    await worker.close();
    expect(await asked()).toBe(before + 1);
    expect((await ends()).sort()).toEqual(['generation 1', 'upstream_timeout']);
    expect(await test.database().query('select 1 from gk.intents')).toEqual([]);
    expect(await test.renewer().renewDue(2)).toBeGreaterThanOrEqual(1);
    await eventually(async () => expect(await ends()).toContain('generation 2'));
  });

  it('is given back where its lease leaves no time for a request: nothing failed that was not asked', async () => {
    const worker = await test.start({ GRANTKEEPER_RENEWAL_CONCURRENCY: '1' });
    for (const slug of ['b', 'c', 'd', 'e', 'f', 'g']) await connectClient(test.core(), test.tenant(), slug);
    const of = 'from gk.connections where tenant_id = $1';
    await test
      .database()
      .query('update gk.connections set next_renewal_at = gk.now() where tenant_id = $1', [test.tenant().id]);
    const before = await test.asked();
    await test.sandbox().rule({ delay_ms: 5_000, times: null });
    expect(await worker.get(Renewer).renewDue(7)).toBe(7);
    await eventually(
      async () => expect(await test.database().query('select 1 from gk.intents')).toEqual([]),
      15_000,
    );
    const [failed] = await test
      .database()
      .query<{ n: number }>(`select count(*)::int as n ${of} and last_error is not null`, [test.tenant().id]);
    const asked = (await test.asked()) - before;
    expect(failed?.n).toBe(asked);
    expect(asked).toBeLessThan(7);
    expect(asked).toBeGreaterThan(0);
    await worker.close();
  }, 30_000);
});
