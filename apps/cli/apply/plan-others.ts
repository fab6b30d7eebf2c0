import { existsSync } from 'node:fs';
import { segment } from '../resources/address.js';
import type { Json } from '../text/table.js';
import { replaceFile } from '../token/own-files.js';
import type { DeclaredWebhook, DeclaredWorkloadIdentity } from './apply-file.schemas.js';
import { differing } from './differing.js';
import { pruned } from './prune.js';
import type { Step } from './step.js';
import type { TenantPlan } from './tenant-plan.js';

/** By their URL, for they have no id of one's own; several may have the same, and then by the rest. */
export async function planWebhooks(plan: TenantPlan): Promise<Step[]> {
  const left = await plan.present('webhooks');
  const { webhooks: declared } = plan.tenant;
  const steps = declared.map((webhook) => {
    const same = left.filter(({ url }) => url === webhook.url);
    const found =
      same.find((one) => isAsDeclared(webhook, one)) ??
      same.find((one) => !declared.some((other) => isAsDeclared(other, one)));
    if (found) left.splice(left.indexOf(found), 1);
    return ofWebhook(plan, webhook, found);
  });
  return [...steps, ...pruned(plan, 'webhook', 'webhooks', left, new Set(), 'url')];
}

function isAsDeclared({ secret_to_file, ...declared }: DeclaredWebhook, present: Json): boolean {
  return Object.keys(differing(declared, present)).length === 0;
}

function ofWebhook(plan: TenantPlan, declared: DeclaredWebhook, present: Json | undefined): Step {
  const { secret_to_file, ...body } = declared;
  const step = { kind: 'webhook', name: `${plan.tenant.id}/${declared.url}` } as const;
  if (!present) {
    const path = secret_to_file === undefined ? undefined : plan.references.path(secret_to_file);
    if (path !== undefined && existsSync(path))
      return { ...step, action: 'blocked', detail: `${path} is there already: its secret would be lost.` };
    return {
      ...step,
      action: 'create',
      ...(path === undefined ? { detail: 'its secret is not kept anywhere: name a secret_to_file' } : {}),
      run: async (api) => {
        const { secret, ...made } = await api.call('POST', `${plan.path}/webhooks`, { body });
        if (path !== undefined) replaceFile(path, `${String(secret)}\n`);
        return made;
      },
    };
  }
  const changed = Object.keys(differing(body, present));
  if (changed.length === 0) return { ...step, action: 'unchanged' };
  const detail = `its ${changed.join(', ')} cannot be changed in place: delete it, and keep the new secret.`;
  return { ...step, action: 'blocked', detail };
}

export async function planWorkloadIdentities(plan: TenantPlan): Promise<Step[]> {
  const present = await plan.present('workload_identities');
  const declared = plan.tenant.workload_identities;
  const steps = declared.map((identity) =>
    ofIdentity(
      plan,
      identity,
      present.find(({ id }) => id === identity.id),
    ),
  );
  const ids = new Set(declared.map(({ id }) => id));
  return [...steps, ...pruned(plan, 'workload identity', 'workload_identities', present, ids)];
}

function ofIdentity(plan: TenantPlan, body: DeclaredWorkloadIdentity, present: Json | undefined): Step {
  const step = { kind: 'workload identity', name: `${plan.tenant.id}/${body.id}` } as const;
  const path = `${plan.path}/workload_identities`;
  if (!present) return { ...step, action: 'create', run: (api) => api.call('POST', path, { body }) };
  const changed = Object.keys(differing(body, present));
  if (changed.length === 0) return { ...step, action: 'unchanged' };
  return {
    ...step,
    action: 'replace',
    detail: changed.join(', '),
    run: async (api) => {
      await api.call('DELETE', `${path}/${segment(body.id)}`);
      return api.call('POST', path, { body });
    },
  };
}
