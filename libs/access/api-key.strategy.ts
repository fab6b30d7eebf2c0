import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Authenticator } from './authenticator.js';
import { bearerOf } from './bearer.js';
import type { Principal } from './principal.js';
import { isJwt } from './workload/jwt-verifier.js';

export const apiKeyStrategy = 'api-key';

type Verify = (
  bearer: string,
  address: string,
  done: (error: unknown, principal?: Principal | null) => void,
) => void;

interface RequestWithHeaders {
  readonly headers: { readonly authorization?: string };
  readonly ip: string;
}

/** Takes the key out of the request; passport adds `success`, `fail` and `error` to each call's own copy. */
class BearerStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown): void {
    const { headers, ip } = request as RequestWithHeaders;
    const bearer = bearerOf(headers.authorization);
    if (bearer === undefined || isJwt(bearer)) {
      this.fail(401);
      return;
    }
    this.verify(bearer, ip, (error, principal) => {
      if (error) this.error(error);
      else if (principal) this.success(principal);
      else this.fail(401);
    });
  }
}

/** API keys as callers. A workload JWT is `WorkloadJwtStrategy`'s, and never looked for among the keys. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(BearerStrategy, apiKeyStrategy) {
  constructor(private readonly authenticator: Authenticator) {
    super();
  }

  async validate(bearer: string, address: string): Promise<Principal | null> {
    return (await this.authenticator.authenticate(bearer, address)) ?? null;
  }
}
