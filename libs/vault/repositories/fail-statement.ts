import type { Claim, FailedRenewal } from './claim.js';
import { type ManyParameters, manyParameters, writeTogether } from './write-together.js';

export interface FailureToNote {
  readonly claim: Claim;
  readonly failed: FailedRenewal;
}

/** Failures of any tenants in one transaction: where many grants end at once, few commits tell the replicas. */
export const failStatement = writeTogether("gk.fail_renewal((given->>'tenant_id')::uuid, given)");

export function failParameters(failures: readonly FailureToNote[]): ManyParameters {
  return manyParameters(
    failures.map(({ claim, failed }) => ({
      tenant_id: claim.tenantId,
      connection_id: claim.connectionId,
      intent_id: claim.intentId,
      owner: claim.owner,
      generation: claim.generation,
      status: failed.status,
      error: failed.error,
      next_renewal_at: failed.nextRenewalAt,
      retry_not_before: failed.retryNotBefore,
      terminal: failed.terminal,
      refused: failed.refused,
      spent_hash: failed.spentHash,
    })),
  );
}
