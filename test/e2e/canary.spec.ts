import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placesWith, type TableCopies, tableCopies } from '../support/canaries.js';
import { clientOf } from '../support/http.js';
import { startInstallation } from '../support/installation.js';
import { contactCenterClient, onboard } from '../support/onboarding.js';
import type { FlowProcesses } from '../support/sandbox-flow.js';
import { oneTimeSecrets } from './canary-flows.js';

const wrongSecret = 'canary/wrong+secret=0123456789';

/** In one installation: the last one stops it. */
describe('what nobody may read', () => {
  const running = {} as FlowProcesses & { tables: TableCopies };

  beforeAll(async () => {
    const installation = await startInstallation();
    const [api, worker] = await Promise.all([
      installation.startApi({ LOG_LEVEL: 'trace' }),
      installation.startWorker({ LOG_LEVEL: 'trace' }),
    ]);
    Object.assign(running, { installation, api, worker, tables: tableCopies(installation.database) });
  }, 180_000);
  afterAll(async () => {
    await running.installation?.close();
    running.tables?.remove();
  });

  describe('one-time secrets of the flows', () => oneTimeSecrets(running));
  describe('secrets and tokens', () => secretsAndTokens(running));
});

function secretsAndTokens(running: FlowProcesses & { readonly tables: TableCopies }): void {
  const canaries = new Map<string, string>();

  it('are in no table and no log of an installation that used them', async () => {
    const { installation, tables } = running;
    await live();
    await Promise.all(installation.processes.slice(1).map((process) => process.stop()));
    const places = new Map(await tables.copy());
    for (const [index, process] of installation.processes.entries()) {
      places.set(`log of process ${index}`, process.lines.join('\n'));
    }
    expect(places.size).toBeGreaterThan(12);
    expect(canaries.size).toBeGreaterThan(6);
    expect(placesWith(canaries, places)).toEqual([]);
  });

  /** Onboards, reads, renews, is refused, and breaks: whatever writes rows or logs. */
  async function live(): Promise<void> {
    const { installation, api } = running;
    canaries.set('admin key', installation.adminKey);
    canaries.set('client secret', contactCenterClient.client_secret);
    const { tokenPath, connectionPath, readerKey } = await onboard(api.admin);
    canaries.set('reader key', readerKey);
    const reader = clientOf(api.origin, readerKey);
    const read = async (name: string) =>
      canaries.set(name, (await reader('GET', tokenPath)).json.access_token);
    await read('first token');
    await api.admin('POST', `${connectionPath}/renew`);
    await read('second token');
    await reader('POST', `${tokenPath}/rejections`, { generation: 2 });
    await read('third token');

    canaries.set('wrong secret', wrongSecret);
    const wrong = { ...contactCenterClient, id: 'wrong', client_secret: wrongSecret };
    for (const query of ['', '?verify=true'])
      await api.admin('POST', `/v1/tenants/acme/credentials${query}`, wrong);
    const key = { 'idempotency-key': 'canary-1' };
    const made = await api.admin(
      'POST',
      '/v1/tenants/acme/api_keys',
      { name: 'k', role: 'tenant_admin' },
      key,
    );
    canaries.set('idempotent key', made.json.key);
    const wrongConnection = { credential: 'wrong', grant: 'client_credentials' };
    await api.admin('POST', '/v1/tenants/acme/connections', wrongConnection, {
      'idempotency-key': 'canary-2',
    });
    await api.admin('POST', '/v1/tenants/acme/credentials', `{"client_secret":"${wrongSecret}"`);
    await clientOf(api.origin, 'gk_a_canarycanarycanarycanarycanarycanary')('GET', tokenPath);
    canaries.set('malformed key', 'gk_a_canarycanarycanarycanarycanarycanary');
    await installation.sandbox('POST', '/_control/rules', {
      match: { provider: 'vonage-contact-center' },
      times: 1,
      status: 500,
      body: `<html>${contactCenterClient.client_secret}</html>`,
    });
    await api.admin('POST', `${connectionPath}/renew`);
    expect([...canaries.values()].every((value) => typeof value === 'string' && value.length > 20)).toBe(
      true,
    );
  }
}
