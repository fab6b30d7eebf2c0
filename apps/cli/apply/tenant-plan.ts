import type { Json } from '../text/table.js';
import type { DeclaredTenant } from './apply-file.schemas.js';
import type { References } from './references.js';

/** One tenant as it is declared and as it is. */
export interface TenantPlan {
  readonly tenant: DeclaredTenant;
  /** `/v1/tenants/<tenant>` */
  readonly path: string;
  readonly references: References;
  readonly prune: boolean;
  /** All that there is of it by now, by the last segment of its path. */
  present(collection: string): Promise<Json[]>;
}
