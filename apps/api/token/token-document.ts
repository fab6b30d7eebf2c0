import type { ServedToken } from '#token-reads';
import { TokenDocuments } from './token-documents.js';

export const contentType = 'application/json; charset=utf-8';

/** The members that describe a token: the successful response of RFC 6749 §5.1, when it ends, and its generation. */
export function tokenMembers(token: ServedToken, nowMonotonicMs: number) {
  const remainingSeconds = (token.expiresAtMs - nowMonotonicMs) / 1_000;
  return {
    access_token: token.accessToken,
    token_type: token.tokenType,
    expires_in: token.expiresAt === null ? null : Math.max(0, Math.floor(remainingSeconds)),
    expires_at: token.expiresAt,
    scope: token.scope,
    generation: token.generation,
    fields: token.fields,
  };
}

/** The answers to token reads. */
export const tokenDocuments = new TokenDocuments((token, nowMonotonicMs) =>
  JSON.stringify(tokenMembers(token, nowMonotonicMs)),
);
