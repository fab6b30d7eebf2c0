import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { connectStrictly, useReplicas } from '#testing';
import { ConnectionRepository } from '#vault';
import { Renewer } from './renewer.js';

const hourSeconds = 3_600;
const daySeconds = 24 * hourSeconds;

describe('a refusal in a word that nobody knows', () => {
  const test = useReplicas({ GRANTKEEPER_EGRESS_ALLOW: 'http://127.0.0.1:*' });

  async function refused() {
    const made = await connectStrictly(test.core(), test.sandbox());
    const { tenantId, connectionId, clientId } = made;
    await test.sandbox().rule({
      times: 100,
      status: 400,
      body: { error: 'weird_word_77', error_description: 'no idea' },
    });
    const asked = async () => (await test.sandbox().counts(clientId)).arrived;
    return {
      connection: async () => {
        const found = await test.core().get(ConnectionRepository).findById(tenantId, connectionId);
        if (!found) throw new Error('The connection is gone.');
        return found;
      },
      renewAt: async (seconds: number) => {
        await test.at(seconds);
        const target = { tenantId, connectionId, generation: 1 };
        return test.core().get(Renewer).renew(target, { insist: true });
      },
      /** As the worker does; returns how often it asked. */
      dueAt: async (seconds: number) => {
        const before = await asked();
        await test.at(seconds);
        await test.renewer().renewDue(10);
        while (test.renewer().underWay > 0) await sleep(20);
        return (await asked()) - before;
      },
    };
  }

  it('is shown as it is, and leaves the grant alone for a day', async () => {
    const { connection, renewAt } = await refused();
    await renewAt(0);
    expect(await connection()).toMatchObject({
      status: 'degraded',
      lastError: {
        code: 'provider_refused',
        provider_error: { status: 400, error: 'weird_word_77', error_description: 'no idea' },
      },
    });
    await renewAt(daySeconds - hourSeconds);
    expect((await connection()).status).toBe('degraded');
  });

  it('of a day, with no token left, needs a new authorisation, and is tried once a day for 30 days', async () => {
    const { connection, renewAt, dueAt } = await refused();
    await renewAt(0);
    expect(await renewAt(daySeconds + 60)).toMatchObject({ kind: 'ended' });
    expect(await connection()).toMatchObject({
      status: 'reauthorization_required',
      lastError: { code: 'refused_repeatedly', provider_error: { error: 'weird_word_77' } },
    });
    expect(await dueAt(daySeconds + 2 * hourSeconds)).toBe(0);
    expect(await dueAt(2 * daySeconds + 120)).toBe(1);
    expect(await dueAt(32 * daySeconds)).toBe(1);
    expect(await dueAt(80 * daySeconds)).toBe(0);
  });

  it('is over as soon as the provider comes round', async () => {
    const { connection, renewAt, dueAt } = await refused();
    await renewAt(0);
    await renewAt(daySeconds + 60);
    await test.sandbox().clearRules();
    expect(await dueAt(2 * daySeconds + 120)).toBe(1);
    expect(await connection()).toMatchObject({ status: 'active', lastError: null });
  });
});
