import { type Authenticator, may, type Principal, type TenantGate, type WorkloadTokens } from '#access';
import { impliedTarget } from '../oauth2/token-target.js';
import type { AskedTokens } from './door.js';

/** Who may read, and what. */
export interface AdmittedCaller {
  readonly principal: Principal;
  readonly tenantId: string;
  readonly tenantSlug: string;
  /** Slugs. */
  readonly connections: readonly string[];
}

/** Decides, as the routes do, whether a caller may read tokens, where that needs no question to the database. */
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
  admit(asked: AskedTokens, nowMs: number): AdmittedCaller | undefined {
    const principal = this.recall(asked, nowMs);
    if (!principal) return undefined;
    const implied = asked.tenant === undefined ? impliedTarget(principal) : undefined;
    const tenantSlug = asked.tenant ?? implied?.tenant;
    const connections = implied ? [implied.connection] : asked.connections;
    if (tenantSlug === undefined) return undefined;
    const tenantId = this.gate.recall(principal, tenantSlug, nowMs);
    if (tenantId === undefined) return undefined;
    for (const connection of connections) {
      if (!may(principal, 'token.read', tenantSlug, connection)) return undefined;
    }
    return { principal, tenantId, tenantSlug, connections };
  }

  private recall({ callerName, clientId, tenant }: AskedTokens, nowMs: number): Principal | undefined {
    const ofKey = this.authenticator.recallNamed(callerName, nowMs);
    if (clientId !== undefined) return ofKey?.callerId === clientId ? ofKey : undefined;
    return (
      ofKey ?? (tenant === undefined ? undefined : this.workloads.recallNamed(callerName, tenant, nowMs))
    );
  }
}
