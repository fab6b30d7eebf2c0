import { segment } from '../resources/address.js';
import type { Json } from '../text/table.js';
import type { Step } from './step.js';
import type { TenantPlan } from './tenant-plan.js';

/** With `--prune`: the deletion of everything of a tenant that is not declared. */
export function pruned(
  { tenant, path, prune }: TenantPlan,
  kind: Step['kind'],
  collection: string,
  present: readonly Json[],
  declared: ReadonlySet<unknown>,
  key = 'id',
): Step[] {
  if (!prune) return [];
  return present
    .filter((item) => !declared.has(item[key]))
    .map((item) => ({
      action: 'delete',
      kind,
      name: `${tenant.id}/${String(item[key])}`,
      run: (api) => api.call('DELETE', `${path}/${collection}/${segment(String(item['id']))}`),
    }));
}
