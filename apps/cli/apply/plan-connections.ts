import { segment } from '../resources/address.js';
import type { Json } from '../text/table.js';
import type { DeclaredConnection } from './apply-file.schemas.js';
import { differing } from './differing.js';
import { pruned } from './prune.js';
import type { Step } from './step.js';
import type { TenantPlan } from './tenant-plan.js';

/** @param blocked client credentials that cannot become as they are declared */
export async function planConnections(plan: TenantPlan, blocked: ReadonlySet<string>): Promise<Step[]> {
  const present = await plan.present('connections');
  const declared = plan.tenant.connections;
  const steps = declared.map((connection) =>
    stepOf(
      plan,
      connection,
      present.find(({ id }) => id === connection.id),
      blocked,
    ),
  );
  return [
    ...steps,
    ...pruned(plan, 'connection', 'connections', present, new Set(declared.map(({ id }) => id))),
  ];
}

function stepOf(
  plan: TenantPlan,
  declared: DeclaredConnection,
  present: Json | undefined,
  blocked: ReadonlySet<string>,
): Step {
  const step = { kind: 'connection', name: `${plan.tenant.id}/${declared.id}` } as const;
  if (!present && blocked.has(declared.credential))
    return { ...step, action: 'blocked', detail: `it waits for credential ${declared.credential}.` };
  if (!present) return creation(plan, declared, step);
  const { id, credential, grant, subject, scope, labels, renewal, paused } = declared;
  const fixed = [
    ...Object.keys(differing({ credential, grant, subject }, present)),
    ...(lacksScope(scope, present) ? ['scope'] : []),
  ];
  if (fixed.length > 0) {
    const remedy =
      fixed.join() === 'scope' ? 'authorise it again with that scope' : 'delete it, or take another id';
    return {
      ...step,
      action: 'blocked',
      detail: `its ${fixed.join(', ')} cannot be changed in place: ${remedy}.`,
    };
  }
  const changed = differing({ labels, renewal, paused }, present);
  const needsConsent = ['pending', 'reauthorization_required'].includes(String(present['status']));
  if (Object.keys(changed).length === 0) return { ...step, action: 'unchanged', needsConsent };
  return {
    ...step,
    action: 'update',
    detail: Object.keys(changed).join(', '),
    needsConsent,
    run: (api) => api.call('PATCH', `${plan.path}/connections/${segment(id)}`, { body: changed }),
  };
}

function creation(plan: TenantPlan, declared: DeclaredConnection, step: Pick<Step, 'kind' | 'name'>): Step {
  const { username, password, refresh_token, paused, ...members } = declared;
  const secrets = { username, password, refresh_token };
  const missing = plan.references.missing(secrets);
  if (missing !== undefined) return { ...step, action: 'blocked', detail: missing };
  return {
    ...step,
    action: 'create',
    run: async (api) => {
      const body = { ...members, ...plan.references.resolveAll(secrets) };
      const made = await api.call('POST', `${plan.path}/connections`, { body });
      if (!paused) return made;
      const path = `${plan.path}/connections/${segment(declared.id)}`;
      return { ...made, ...(await api.call('PATCH', path, { body: { paused } })) };
    },
  };
}

/** Whether a declared scope was never asked for: what was is granted, or known to be missing. */
function lacksScope(scope: string | undefined, present: Json): boolean {
  const granted = String(present['scope'] ?? '');
  const missing = present['missing_scopes'] as string[];
  const asked = new Set([...granted.split(' '), ...granted.split(/[ ,;+|]/), ...missing]);
  return (scope ?? '').split(' ').some((wanted) => wanted !== '' && !asked.has(wanted));
}
