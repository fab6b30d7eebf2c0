import { Injectable } from '@nestjs/common';
import { SandboxClock } from './sandbox-clock.js';

/** Beyond this many the oldest are forgotten, and refused as unknown. */
const MAX_TOKENS = 500_000;

export interface TokenRecord {
  readonly token: string;
  readonly provider: string;
  readonly clientId: string;
  readonly grantType: string;
  readonly scope: string | undefined;
  /** Whose authorisation it carries: a user name or a phone; absent where the client asked for itself. */
  readonly user: string | undefined;
  /** Opens one door once. */
  readonly singleUse: boolean;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  revoked: boolean;
  /** How often a resource took it. */
  uses: number;
}

/** Why a provider would turn a token away. */
export type Refusal = 'unknown' | 'expired' | 'revoked' | 'used' | 'other_provider';

export type Verdict =
  | { readonly accepted: true; readonly record: TokenRecord }
  | { readonly accepted: false; readonly reason: Refusal; readonly record?: TokenRecord };

/** Every access token handed out, so that a test can ask whether it would still open a door. */
@Injectable()
export class TokenLedger {
  readonly #tokens = new Map<string, TokenRecord>();

  constructor(private readonly clock: SandboxClock) {}

  record(token: Omit<TokenRecord, 'revoked' | 'uses'>): void {
    this.#tokens.set(token.token, { ...token, revoked: false, uses: 0 });
    if (this.#tokens.size > MAX_TOKENS) {
      for (const oldest of this.#tokens.keys()) {
        this.#tokens.delete(oldest);
        break;
      }
    }
  }

  /** `provider` absent: whichever provider issued the token judges it. */
  judge(token: string, provider?: string): Verdict {
    const record = this.#tokens.get(token);
    if (record === undefined) return { accepted: false, reason: 'unknown' };
    if (provider !== undefined && record.provider !== provider) {
      return { accepted: false, reason: 'other_provider', record };
    }
    if (record.revoked) return { accepted: false, reason: 'revoked', record };
    if (record.singleUse && record.uses > 0) return { accepted: false, reason: 'used', record };
    if (this.clock.nowMs() >= record.expiresAtMs) return { accepted: false, reason: 'expired', record };
    return { accepted: true, record };
  }

  /** A resource takes the token: like `judge`, and counted. */
  use(token: string, provider: string): Verdict {
    const verdict = this.judge(token, provider);
    if (verdict.accepted) verdict.record.uses += 1;
    return verdict;
  }

  revoke(token: string): void {
    const record = this.#tokens.get(token);
    if (record !== undefined) record.revoked = true;
  }

  /** Oldest first. */
  find(filter: { readonly provider?: string; readonly clientId?: string }): TokenRecord[] {
    const found: TokenRecord[] = [];
    for (const record of this.#tokens.values()) {
      if (filter.provider !== undefined && record.provider !== filter.provider) continue;
      if (filter.clientId !== undefined && record.clientId !== filter.clientId) continue;
      found.push(record);
    }
    return found;
  }

  reset(): void {
    this.#tokens.clear();
  }
}
