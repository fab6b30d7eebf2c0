import { Injectable } from '@nestjs/common';
import {
  AccessError,
  Authenticator,
  isJwt,
  may,
  type Principal,
  RefusalLog,
  TenantGate,
  type TenantRef,
  WorkloadTokens,
} from '#access';
import { checkTenant } from '../http/path-parameters.js';

export interface Admitted {
  readonly principal: Principal;
  readonly tenant: TenantRef;
}

/** Who asks, and for what. */
export interface AdmissionRequest {
  readonly bearer: string | undefined;
  /** Of the caller. */
  readonly address: string;
  readonly tenantSlug: string;
  /** Of the connection, where the call is about one. */
  readonly slug?: string;
}

/** Who comes in to read tokens of a tenant. */
@Injectable()
export class TokenAdmission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly workloads: WorkloadTokens,
    private readonly gate: TenantGate,
    private readonly refusals: RefusalLog,
  ) {}

  /** @throws AccessError or Problem; a tenant that is not the caller's is not found, whether it exists or not */
  async admit({ bearer, address, tenantSlug, slug }: AdmissionRequest): Promise<Admitted> {
    const principal = bearer === undefined ? undefined : await this.identify(bearer, tenantSlug, address);
    if (!principal) {
      this.refusals.noteUnauthenticated(bearer);
      throw new AccessError('unauthenticated');
    }
    checkTenant({ tenant: tenantSlug });
    const tenant = await this.gate.enter(principal, tenantSlug);
    if (!tenant) throw this.refused(principal, 'not_found');
    if (!may(principal, 'token.read', tenantSlug, slug)) throw this.refused(principal, 'forbidden');
    return { principal, tenant };
  }

  private identify(bearer: string, tenantSlug: string, address: string): Promise<Principal | undefined> {
    if (isJwt(bearer)) return this.workloads.authenticate(bearer, tenantSlug, address);
    return this.authenticator.authenticate(bearer, address);
  }

  private refused(principal: Principal, code: 'not_found' | 'forbidden'): AccessError {
    this.refusals.noteRefused(principal, code);
    return new AccessError(code);
  }
}
