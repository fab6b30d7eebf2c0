import { Injectable } from '@nestjs/common';
import {
  AccessError,
  Authenticator,
  isJwt,
  may,
  type Principal,
  TenantGate,
  type TenantRef,
  WorkloadTokens,
} from '#access';
import { checkTenant } from '../http/path-parameters.js';

export interface Admitted {
  readonly principal: Principal;
  readonly tenant: TenantRef;
}

/** Who comes in to read tokens of a tenant, beside `GET …/token`. */
@Injectable()
export class TokenAdmission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly workloads: WorkloadTokens,
    private readonly gate: TenantGate,
  ) {}

  /**
   * @param slug of the connection, where the call is about one
   * @throws AccessError or Problem; a tenant that is not the caller's is not found, whether it exists or not
   */
  async admit(bearer: string | undefined, tenantSlug: string, slug?: string): Promise<Admitted> {
    const principal = bearer === undefined ? undefined : await this.identify(bearer, tenantSlug);
    if (!principal) throw new AccessError('unauthenticated');
    checkTenant({ tenant: tenantSlug });
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw new AccessError('not_found');
    if (!may(principal, 'token.read', tenantSlug, slug)) throw new AccessError('forbidden');
    return { principal, tenant };
  }

  private identify(bearer: string, tenantSlug: string): Promise<Principal | undefined> {
    if (isJwt(bearer)) return this.workloads.authenticate(bearer, tenantSlug);
    return this.authenticator.authenticate(bearer);
  }
}
