import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SandboxClock } from './sandbox-clock.js';
import { TokenLedger } from './token-ledger.js';

export interface RefreshToken {
  readonly token: string;
  /** The one it was given for; absent for the first of its family. */
  readonly parent: RefreshToken | undefined;
  readonly issuedAtMs: number;
  expiresAtMs: number;
  /** How often it came, whatever the answer. */
  presented: number;
  /** How often it was exchanged for an access token. */
  spent: number;
  /** Since when another has taken its place. */
  replacedAtMs: number | undefined;
  /** When the last answer that spent it had left; `Infinity` while that is under way. */
  answeredAtMs: number | undefined;
}

/** The consent of one user, or one company, to one client: a family of refresh tokens and its access tokens. */
export interface Grant {
  readonly id: string;
  readonly provider: string;
  readonly clientId: string;
  readonly user: string;
  readonly scope: string;
  readonly startedAtMs: number;
  readonly refreshTokens: RefreshToken[];
  readonly accessTokens: string[];
  revokedBecause: string | undefined;
}

export type GrantFacts = Pick<Grant, 'provider' | 'clientId' | 'user' | 'scope'>;
export type GrantFilter = Partial<GrantFacts> & { readonly refreshToken?: string };
export type RefreshTokenState = 'live' | 'replaced' | 'expired' | 'revoked';

@Injectable()
export class Grants {
  readonly #grants = new Map<string, Grant>();
  readonly #byRefreshToken = new Map<string, { grant: Grant; refreshToken: RefreshToken }>();

  constructor(
    private readonly clock: SandboxClock,
    private readonly tokens: TokenLedger,
  ) {}

  open(facts: GrantFacts): Grant {
    const grant: Grant = {
      id: randomUUID(),
      ...facts,
      startedAtMs: this.clock.nowMs(),
      refreshTokens: [],
      accessTokens: [],
      revokedBecause: undefined,
    };
    this.#grants.set(grant.id, grant);
    return grant;
  }

  addRefreshToken(grant: Grant, lifetimeSeconds: number, parent?: RefreshToken): RefreshToken {
    const issuedAtMs = this.clock.nowMs();
    const refreshToken: RefreshToken = {
      token: randomBytes(24).toString('base64url'),
      parent,
      issuedAtMs,
      expiresAtMs: issuedAtMs + lifetimeSeconds * 1000,
      presented: 0,
      spent: 0,
      replacedAtMs: undefined,
      answeredAtMs: undefined,
    };
    grant.refreshTokens.push(refreshToken);
    this.#byRefreshToken.set(refreshToken.token, { grant, refreshToken });
    return refreshToken;
  }

  /** A refresh token and the grant it belongs to, whatever has become of it. */
  findByRefreshToken(provider: string, token: string) {
    const found = this.#byRefreshToken.get(token);
    return found?.grant.provider === provider ? found : undefined;
  }

  get(id: string): Grant | undefined {
    return this.#grants.get(id);
  }

  list(filter: GrantFilter): readonly Grant[] {
    const { refreshToken, ...facts } = filter;
    const wanted = Object.entries(facts);
    return [...this.#grants.values()].filter(
      (grant) =>
        wanted.every(([name, value]) => grant[name as keyof GrantFacts] === value) &&
        (refreshToken === undefined || grant.refreshTokens.some(({ token }) => token === refreshToken)),
    );
  }

  stateOf(grant: Grant, refreshToken: RefreshToken): RefreshTokenState {
    if (grant.revokedBecause !== undefined) return 'revoked';
    if (refreshToken.replacedAtMs !== undefined) return 'replaced';
    return this.clock.nowMs() >= refreshToken.expiresAtMs ? 'expired' : 'live';
  }

  /** Takes the whole family back, its access tokens included. False: it was revoked before. */
  revoke(grant: Grant, because: string): boolean {
    if (grant.revokedBecause !== undefined) return false;
    grant.revokedBecause = because;
    for (const token of grant.accessTokens) this.tokens.revoke(token);
    return true;
  }

  reset(): void {
    this.#grants.clear();
    this.#byRefreshToken.clear();
  }
}
