import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOf } from '../support/http.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { onboard } from '../support/onboarding.js';
import { toldTenant } from '../support/told-tenant.js';
import { startWebhookReceiver } from '../support/webhook-receiver.js';

const upstreamMs = 1_500;

describe('a process told to stop in the middle of a slow upstream call', () => {
  let installation: Installation;
  let turn = 0;
  /** Of one test; the connections of the tests before are gone. */
  let tenant: string;

  beforeAll(async () => {
    installation = await startInstallation({ GRANTKEEPER_UPSTREAM_TIMEOUT_MS: '4000' });
  }, 60_000);
  beforeEach(async () => {
    turn += 1;
    tenant = `acme-${turn}`;
    await installation.database.query('delete from gk.connections');
    await installation.database.setClockOffset(0);
  });
  afterAll(() => installation.close());

  const slow = () =>
    installation.sandbox('POST', '/_control/rules', {
      match: { provider: 'vonage-contact-center' },
      times: 1,
      respond_delay_ms: upstreamMs,
    });
  const generation = async () =>
    (await installation.database.query<{ generation: number }>('select generation from gk.connections'))[0]
      ?.generation;

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes and stores it before the api ends (%s)',
    async (signal) => {
      const api = await installation.startApi();
      const { tokenPath, readerKey } = await onboard(api.admin, { tenant });
      await installation.database.setClockOffset(301);
      await slow();
      const read = clientOf(api.origin, readerKey)('GET', tokenPath);
      await sleep(300);
      const stopped = api.stop(signal);
      api.child.kill(signal);

      expect(await read).toMatchObject({ status: 200, json: { generation: 2 } });
      expect(await stopped).toBe(0);
      expect(await generation()).toBe(2);
    },
  );

  it('finishes it although the caller has gone away', async () => {
    const api = await installation.startApi();
    const { tokenPath, readerKey } = await onboard(api.admin, { tenant });
    await installation.database.setClockOffset(301);
    await slow();
    const headers = { authorization: `Bearer ${readerKey}` };
    await expect(
      fetch(`${api.origin}${tokenPath}`, { headers, signal: AbortSignal.timeout(300) }),
    ).rejects.toThrow();

    expect(await api.stop()).toBe(0);
    expect(await generation()).toBe(2);
  });

  it('finishes it before the worker ends', async () => {
    const api = await installation.startApi();
    const { connectionPath } = await onboard(api.admin, { tenant });
    await api.admin('PATCH', connectionPath, { renewal: 'eager' });
    await slow();
    await installation.database.setClockOffset(299);
    const worker = await installation.startWorker();
    await sleep(700);
    const startedAt = performance.now();

    expect(await worker.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect(await generation()).toBe(2);
  });

  it('writes down how the attempt of a webhook ended before the worker does', async () => {
    const receiver = await startWebhookReceiver();
    try {
      const api = await installation.startApi();
      const worker = await installation.startWorker();
      const told = await toldTenant(installation, api, receiver, tenant);
      receiver.react(told.path, () => undefined);
      await told.happen('degraded');
      await told.received(1);

      expect(await worker.stop()).toBe(0);
      expect(await told.deliveries()).toMatchObject([{ attempts: 1, last_error: 'upstream_timeout' }]);
    } finally {
      await receiver.close();
    }
  });
});
