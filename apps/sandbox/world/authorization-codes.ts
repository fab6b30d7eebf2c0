import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Grant } from './grants.js';
import { SandboxClock } from './sandbox-clock.js';

/** A code on its way through a browser (RFC 6749 §4.1.2). */
export interface AuthorizationCode {
  readonly code: string;
  readonly provider: string;
  readonly clientId: string;
  /** The exchange must repeat it, letter for letter. */
  readonly redirectUri: string;
  readonly scope: string;
  /** Who approved. */
  readonly user: string;
  /** RFC 7636 §4.2, method S256; absent where the client sent none. */
  readonly codeChallenge: string | undefined;
  readonly expiresAtMs: number;
  /** How often it came to the token endpoint, whatever the answer. */
  presented: number;
  /** The grant that its exchange gave; a provider may take it back when the code comes again. */
  grant: Grant | undefined;
}

export type CodeOrder = Pick<
  AuthorizationCode,
  'provider' | 'clientId' | 'redirectUri' | 'scope' | 'user' | 'codeChallenge'
> & { readonly lifetimeSeconds: number };

@Injectable()
export class AuthorizationCodes {
  readonly #codes = new Map<string, AuthorizationCode>();

  constructor(private readonly clock: SandboxClock) {}

  mint(order: CodeOrder): AuthorizationCode {
    const code: AuthorizationCode = {
      provider: order.provider,
      clientId: order.clientId,
      redirectUri: order.redirectUri,
      scope: order.scope,
      user: order.user,
      codeChallenge: order.codeChallenge,
      code: randomBytes(24).toString('base64url'),
      expiresAtMs: this.clock.nowMs() + order.lifetimeSeconds * 1000,
      presented: 0,
      grant: undefined,
    };
    this.#codes.set(code.code, code);
    return code;
  }

  find(provider: string, code: string): AuthorizationCode | undefined {
    const found = this.#codes.get(code);
    return found?.provider === provider ? found : undefined;
  }

  reset(): void {
    this.#codes.clear();
  }
}
