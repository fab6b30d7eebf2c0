import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { clientOf } from '../support/http.js';
import type { Api, Installation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';
import { scaled } from '../support/scale.js';
import { delayNextAnswers, underWay } from '../support/slow-upstream.js';
import { toldTenant } from '../support/told-tenant.js';
import { startWebhookReceiver } from '../support/webhook-receiver.js';

const upstreamMs = 1_500;

/** The second api ends; the first lives on through all tests. */
export function drain(running: { readonly installation: Installation; readonly apis: readonly Api[] }): void {
  let installation: Installation;
  let front: Api;
  let second: Api | undefined;
  let turn = 0;
  /** Of one test; the connections of the tests before are gone. */
  let tenant: string;

  beforeAll(() => {
    installation = running.installation;
    const [first] = running.apis;
    if (!first) throw new Error('There is no api.');
    front = first;
    second = running.apis[1];
  });
  beforeEach(async () => {
    turn += 1;
    tenant = `drained-${turn}`;
    await installation.database.query('delete from gk.connections');
    await installation.database.setClockOffset(0);
  });

  const generations = async () =>
    (await installation.database.query<{ generation: number }>('select generation from gk.connections')).map(
      ({ generation }) => generation,
    );

  it.each(scaled<readonly NodeJS.Signals[]>(['SIGTERM'], ['SIGTERM', 'SIGINT']))(
    'finishes and stores it before the api ends, also where the caller has gone away (%s)',
    async (signal) => {
      const api = second ?? (await installation.startApi());
      second = undefined;
      const kept = await onboard(api.admin, { tenant });
      const left = await onboard(api.admin, { tenant: `${tenant}-left` });
      await installation.database.setClockOffset(301);
      await delayNextAnswers(installation.sandbox, upstreamMs, 2);
      const read = clientOf(api.origin, kept.readerKey)('GET', kept.tokenPath);
      const caller = new AbortController();
      const headers = { authorization: `Bearer ${left.readerKey}` };
      const abandoned = expect(
        fetch(`${api.origin}${left.tokenPath}`, { headers, signal: caller.signal }),
      ).rejects.toThrow();
      await underWay(installation.sandbox, 2);
      caller.abort();
      await abandoned;
      const stopped = api.stop(signal);
      api.child.kill(signal);

      expect(await read).toMatchObject({ status: 200, json: { generation: 2 } });
      expect(await stopped).toBe(0);
      expect(await generations()).toEqual([2, 2]);
    },
  );

  it('finishes it before the worker ends', async () => {
    const { connectionPath } = await onboard(front.admin, { tenant });
    await front.admin('PATCH', connectionPath, { renewal: 'eager' });
    await delayNextAnswers(installation.sandbox, upstreamMs);
    await installation.database.setClockOffset(299);
    const worker = await installation.startWorker();
    await underWay(installation.sandbox);
    const startedAt = performance.now();

    expect(await worker.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect(await generations()).toEqual([2]);
  });

  it('writes down how the attempt of a webhook ended before the worker does', async () => {
    const receiver = await startWebhookReceiver();
    try {
      const worker = await installation.startWorker();
      const told = await toldTenant(installation, front, receiver, tenant);
      receiver.react(told.path, () => undefined);
      await told.happen('degraded');
      await told.received(1);

      expect(await worker.stop()).toBe(0);
      expect(await told.deliveries()).toMatchObject([{ attempts: 1, last_error: 'upstream_timeout' }]);
    } finally {
      await receiver.close();
    }
  });
}
