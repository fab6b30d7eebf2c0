import { type Authenticator, may, type Principal, type TenantGate, type WorkloadTokens } from '#access';
import type { AskedToken } from './asked-tokens.js';

/** Who may read, and where. */
export interface AdmittedCaller {
  readonly principal: Principal;
  readonly tenantId: string;
}

/** Decides, as the route does, whether a caller may read a token, where that needs no question to the database. */
export class CachedAdmission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly workloads: WorkloadTokens,
    private readonly gate: TenantGate,
  ) {}

  /**
   * @param nowMs on the monotonic clock
   * @returns undefined when it is for the route to decide, or to refuse
   */
  admit({ callerName, tenant, connection }: AskedToken, nowMs: number): AdmittedCaller | undefined {
    const principal =
      this.authenticator.recallNamed(callerName, nowMs) ??
      this.workloads.recallNamed(callerName, tenant, nowMs);
    if (!principal) return undefined;
    const tenantId = this.gate.recall(principal, tenant, nowMs);
    if (tenantId === undefined) return undefined;
    return may(principal, 'token.read', tenant, connection) ? { principal, tenantId } : undefined;
  }
}
