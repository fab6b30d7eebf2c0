import type { ApiClient } from '../api/api-client.js';
import { segment } from '../resources/address.js';
import type { Json } from '../text/table.js';
import type { Declaration } from './apply-file.js';
import type { DeclaredTenant } from './apply-file.schemas.js';
import { differing } from './differing.js';
import { planConnections } from './plan-connections.js';
import { planCredentials } from './plan-credentials.js';
import { planWebhooks, planWorkloadIdentities } from './plan-others.js';
import type { References } from './references.js';
import type { Step } from './step.js';
import type { TenantPlan } from './tenant-plan.js';

/** Everything about one tenant, in the order in which it can be done. */
export async function planTenant(
  api: ApiClient,
  { tenant }: Declaration,
  references: References,
  prune: boolean,
): Promise<Step[]> {
  const path = `/v1/tenants/${segment(tenant.id)}`;
  const present = await api.find(path);
  const plan: TenantPlan = {
    tenant,
    path,
    references,
    prune,
    present: async (collection) => (present ? api.all(`${path}/${collection}`) : []),
  };
  const credentials = await planCredentials(plan);
  const blocked = credentials.filter(({ action }) => action === 'blocked');
  const steps = [
    present ? [change(tenant, path, present)] : [creation(tenant, path)],
    credentials,
    await planConnections(plan, new Set(blocked.map(({ name }) => name.slice(tenant.id.length + 1)))),
    await planWorkloadIdentities(plan),
    await planWebhooks(plan),
  ].flat();
  // Last, and connections before the client credentials that they use.
  const order = ['connection', 'credential', 'workload identity', 'webhook'];
  const deletions = steps.filter(({ action }) => action === 'delete');
  return [
    ...steps.filter(({ action }) => action !== 'delete'),
    ...deletions.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    ...(present || tenant.disabled !== true ? [] : [disabling(tenant, path)]),
  ];
}

function creation({ id, name, disabled, ...more }: DeclaredTenant, path: string): Step {
  const { credentials, connections, webhooks, workload_identities, ...rest } = more;
  return {
    ...{ kind: 'tenant', name: id, action: 'create' },
    run: async (api) => {
      const made = await api.call('POST', '/v1/tenants', { body: { id, name } });
      return Object.keys(rest).length === 0 ? made : api.call('PATCH', path, { body: rest });
    },
  };
}

/** After everything else: no connection is made in a tenant that is disabled. */
function disabling({ id, disabled }: DeclaredTenant, path: string): Step {
  return {
    ...{ kind: 'tenant', name: id, action: 'update', detail: 'disabled' },
    run: (api) => api.call('PATCH', path, { body: { disabled } }),
  };
}

function change(tenant: DeclaredTenant, path: string, present: Json): Step {
  const { id, credentials, connections, webhooks, workload_identities, ...members } = tenant;
  const step = { kind: 'tenant', name: id } as const;
  const changed = differing(members, present);
  if (Object.keys(changed).length === 0) return { ...step, action: 'unchanged' };
  return {
    ...step,
    action: 'update',
    detail: Object.keys(changed).join(', '),
    run: (api) => api.call('PATCH', path, { body: changed }),
  };
}
