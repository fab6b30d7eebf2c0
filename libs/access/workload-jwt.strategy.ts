import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { bearerOf } from './bearer.js';
import type { Principal } from './principal.js';
import { isJwt } from './workload/jwt-verifier.js';
import { WorkloadTokens } from './workload/workload-tokens.js';

export const workloadJwtStrategy = 'workload-jwt';

type Done = (error: unknown, principal?: Principal | null) => void;
type Verify = (jwt: string, tenantSlug: string, address: string, done: Done) => void;

interface RequestOfTenant {
  readonly headers: { readonly authorization?: string };
  readonly params: Readonly<Record<string, string>>;
  readonly ip: string;
}

/** Takes the JWT and the tenant out of the request. A JWT names no tenant: where the path names none either, it fails. */
class WorkloadBearerStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown): void {
    const { headers, params, ip } = request as RequestOfTenant;
    const jwt = bearerOf(headers.authorization);
    const tenantSlug = params['tenant'];
    if (jwt === undefined || tenantSlug === undefined || !isJwt(jwt)) {
      this.fail(401);
      return;
    }
    this.verify(jwt, tenantSlug, ip, (error, principal) => {
      if (error) this.error(error);
      else if (principal) this.success(principal);
      else this.fail(401);
    });
  }
}

/** JWTs of workloads as callers, beside API keys. */
@Injectable()
export class WorkloadJwtStrategy extends PassportStrategy(WorkloadBearerStrategy, workloadJwtStrategy) {
  constructor(private readonly tokens: WorkloadTokens) {
    super();
  }

  async validate(jwt: string, tenantSlug: string, address: string): Promise<Principal | null> {
    return (await this.tokens.authenticate(jwt, tenantSlug, address)) ?? null;
  }
}
