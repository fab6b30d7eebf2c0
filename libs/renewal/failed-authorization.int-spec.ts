import { describe, expect, it } from '@jest/globals';
import { lifetimeSeconds, useReplicas } from '#testing';
import { PendingGrantRepository } from '#vault';

/** A new authorisation that its user has let pass. */
const unanswered = {
  contents: { grant: { type: 'ciba', authReqId: 'nobody-answered' } },
  intervalSeconds: null,
  expiresInSeconds: -1,
  dueInSeconds: 0,
} as const;

describe('a new authorisation that comes to nothing', () => {
  const replicas = useReplicas();

  async function authoriseInVain(): Promise<void> {
    const { tenantId, connectionId } = replicas.target();
    await replicas.core().get(PendingGrantRepository).put(tenantId, connectionId, unanswered);
    await replicas.renewer().renew(replicas.target());
  }

  it('leaves a grant that lives where the worker renews it', async () => {
    await authoriseInVain();
    expect(await replicas.stored()).toMatchObject({ status: 'active', generation: 1 });
    await replicas.at(1);
    expect(await replicas.renewer().renewDue(10)).toBe(1);
    await replicas.renewer().beforeApplicationShutdown();
    const renewed = await replicas.stored();
    expect(renewed).toMatchObject({ status: 'active', generation: 2, lastError: null });
    expect(renewed.nextRenewalAt).not.toBeNull();
  });

  it('does not wake one that has ended', async () => {
    const { connectionId } = replicas.target();
    await replicas
      .database()
      .query(
        "update gk.connections set status = 'reauthorization_required', next_renewal_at = null where id = $1",
        [connectionId],
      );
    const before = await replicas.asked();
    await authoriseInVain();
    await replicas.at(lifetimeSeconds);
    expect(await replicas.renewer().renewDue(10)).toBe(0);
    expect(await replicas.stored()).toMatchObject({ status: 'reauthorization_required', generation: 1 });
    expect(await replicas.asked()).toBe(before);
  });
});
