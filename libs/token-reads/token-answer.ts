import { failureCodes, remedyFor } from '#provider-kit';
import type { ConnectionFields, TokenReading } from '#vault';

/** The answer to a reader of a connection's token. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: ServedToken }
  | { readonly kind: 'reauthorization_required'; readonly remedy: string }
  | { readonly kind: 'authorization_pending'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'paused' }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }
  | { readonly kind: 'not_found' };

export interface ServedToken {
  readonly connectionId: string;
  readonly tenantId: string;
  readonly accessToken: string;
  readonly tokenType: string;
  readonly scope: string | null;
  readonly generation: number;
  /** The fields that go with the token; undefined where there are none. */
  readonly fields: ConnectionFields | undefined;
  /** Database's clock, RFC 3339; null for a token that does not expire. */
  readonly expiresAt: string | null;
  /** Infinite for a token that does not expire. */
  readonly lifetimeMs: number;
  /** On this process's monotonic clock, never later than the real expiry. */
  readonly expiresAtMs: number;
  /** Its read is to be in the audit trail before it is answered. */
  readonly auditedStrictly: boolean;
}

/** @param askedAtMs when the database was asked, on the monotonic clock: what was left then is no more now */
export function servedToken(
  tenantId: string,
  reading: TokenReading,
  askedAtMs: number,
): ServedToken | undefined {
  if (!reading.token) return undefined;
  return {
    connectionId: reading.connectionId,
    tenantId,
    accessToken: reading.token.accessToken,
    tokenType: reading.token.tokenType,
    scope: reading.token.scope,
    generation: reading.generation,
    fields: Object.keys(reading.fields).length === 0 ? undefined : reading.fields,
    expiresAt: reading.expiresAt?.toISOString() ?? null,
    lifetimeMs: reading.lifetimeMs,
    expiresAtMs: askedAtMs + reading.remainingMs,
    auditedStrictly: reading.auditedStrictly,
  };
}

/** Why there is no token to serve. */
export function withoutToken(reading: TokenReading, retryAfterSeconds: number): TokenAnswer {
  if (reading.polled) {
    return {
      kind: 'authorization_pending',
      retryAfterSeconds: Math.max(1, Math.ceil(reading.retryInMs / 1_000)),
    };
  }
  switch (reading.status) {
    case 'reauthorization_required':
      return {
        kind: 'reauthorization_required',
        remedy: remedyFor(reading.lastError?.code ?? '') ?? failureCodes.invalid_grant.remedy,
      };
    case 'pending':
      return { kind: 'authorization_pending' };
    default:
      return { kind: 'unavailable', retryAfterSeconds };
  }
}
