import { createHash } from 'node:crypto';
import type { Client, Desk } from '../issuers/desk.js';
import type { AuthorizationCode } from '../world/authorization-codes.js';
import type { FormBody } from './form-body.js';

export type CodeVerdict =
  | { readonly code: AuthorizationCode }
  /** `code`: the code that came again, where that is the reason. */
  | { readonly refused: string; readonly reused?: AuthorizationCode };

/**
 * Spends a code (RFC 6749 §4.1.3). It is gone once the right client has shown it, even with something else
 * wrong: redirect URI (letter for letter), life, or PKCE verifier (RFC 7636 §4.6).
 */
export function redeemCode(form: FormBody, client: Client, desk: Desk): CodeVerdict {
  const code = desk.codes.find(desk.provider, form.get('code') ?? '');
  if (code === undefined || code.clientId !== client.clientId) return { refused: 'unknown' };
  code.presented += 1;
  if (code.presented > 1) return { refused: 'used before', reused: code };
  if (desk.nowMs() >= code.expiresAtMs) return { refused: 'expired' };
  if (form.get('redirect_uri') !== code.redirectUri) return { refused: 'another redirect_uri' };
  const verifier = form.get('code_verifier');
  if (code.codeChallenge !== undefined && challengeOf(verifier ?? '') !== code.codeChallenge) {
    return { refused: 'another code_verifier' };
  }
  return { code };
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
