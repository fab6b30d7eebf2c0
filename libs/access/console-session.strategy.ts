import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { type ConsoleRequest, ConsoleSessions } from './console/console-sessions.js';
import type { Principal } from './principal.js';

export const consoleSessionStrategy = 'console-session';

type Done = (error: unknown, principal?: Principal | null) => void;
type Verify = (request: ConsoleRequest, done: Done) => void;

class CookieStrategy extends passport.Strategy {
  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: unknown): void {
    this.verify(request as ConsoleRequest, (error, principal) => {
      if (error) this.error(error);
      else if (principal) this.success(principal);
      else this.fail(401);
    });
  }
}

/** Browsers that are signed in to the console as callers, beside API keys and workloads. */
@Injectable()
export class ConsoleSessionStrategy extends PassportStrategy(CookieStrategy, consoleSessionStrategy) {
  constructor(private readonly sessions: ConsoleSessions) {
    super();
  }

  async validate(request: ConsoleRequest): Promise<Principal | null> {
    return (await this.sessions.authenticate(request)) ?? null;
  }
}
