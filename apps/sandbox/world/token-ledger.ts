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
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  revoked: boolean;
}

/** Why a provider would turn a token away. */
export type Refusal = 'unknown' | 'expired' | 'revoked' | 'other_provider';

export type Verdict =
  | { readonly accepted: true; readonly record: TokenRecord }
  | { readonly accepted: false; readonly reason: Refusal; readonly record?: TokenRecord };

/** Every access token handed out, so that a test can ask whether it would still open a door. */
@Injectable()
export class TokenLedger {
  readonly #tokens = new Map<string, TokenRecord>();

  constructor(private readonly clock: SandboxClock) {}

  record(token: Omit<TokenRecord, 'revoked'>): void {
    this.#tokens.set(token.token, { ...token, revoked: false });
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
    if (this.clock.nowMs() >= record.expiresAtMs) return { accepted: false, reason: 'expired', record };
    return { accepted: true, record };
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
