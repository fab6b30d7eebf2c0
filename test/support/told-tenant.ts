import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#testing';
import type { Api, Installation } from './installation.js';
import { onboard } from './onboarding.js';
import type { ReceivedMessage, WebhookReceiver } from './webhook-receiver.js';

/** A tenant with the connection `main` and one webhook, which has a path of the receiver for itself. */
export type ToldTenant = Awaited<ReturnType<typeof toldTenant>>;

export async function toldTenant(
  installation: Installation,
  api: Api,
  receiver: WebhookReceiver,
  tenant: string,
) {
  const path = `/hook-of-${tenant}`;
  const at = (rest: string) => `/v1/tenants/${tenant}${rest}`;
  await onboard(api.admin, { tenant, connection: 'main' });

  const addHook = async (body: object): Promise<{ id: string; secret: string }> => {
    const added = await api.admin('POST', at('/webhooks'), body);
    if (added.status !== 201) throw new Error(added.text);
    return added.json;
  };
  const hook = await addHook({ url: receiver.origin + path });

  const received = (count: number, withinMs = 10_000): Promise<readonly ReceivedMessage[]> =>
    eventually(() => {
      const messages = receiver.received(path);
      if (messages.length < count) throw new Error(`Received ${messages.length} of ${count} messages.`);
      return messages;
    }, withinMs);

  return {
    tenant,
    path,
    hook,
    at,
    addHook,
    received,
    addConnection: async (id: string): Promise<void> => {
      const body = { id, credential: 'client', grant: 'client_credentials' };
      const added = await api.admin('POST', at('/connections'), body);
      if (added.status !== 201) throw new Error(added.text);
    },
    /** An event with a code, as a failed renewal records it. */
    happen: async (type: string, connection = 'main'): Promise<void> => {
      await installation.database.query(
        `insert into gk.connection_events (tenant_id, connection_id, type, data, created_at)
         select c.tenant_id, c.id, $3, '{"code": "invalid_client"}', gk.now()
         from gk.connections c join gk.tenants t on t.id = c.tenant_id where t.slug = $1 and c.slug = $2`,
        [tenant, connection, `connection.${type}`],
      );
    },
    deliveries: async (query = '', of = hook) =>
      (await api.admin('GET', at(`/webhooks/${of.id}/deliveries${query}`))).json.items,
    /** Time passes for the database, a step and a step, until so many have come. */
    receivedInTime: async (count: number, stepSeconds: number) => {
      for (let step = 1; receiver.received(path).length < count && step < 40; step += 1) {
        await installation.database.setClockOffset(step * stepSeconds);
        await sleep(300);
      }
      return received(count);
    },
    /** `connection type` of each, in the order in which they came. */
    types: () => receiver.received(path).map(({ type, data }) => `${data['connection']} ${type.slice(11)}`),
    remove: () => api.admin('DELETE', at('')),
  };
}
