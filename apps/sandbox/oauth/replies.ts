import type { ProviderReply } from '../issuers/issuer.js';
import type { JsonMembers } from '../json.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** RFC 6749 §5.1 and §5.2: token answers and their errors are never cached. */
export function jsonReply(
  status: number,
  body: JsonMembers,
  headers: Readonly<Record<string, string>> = {},
): ProviderReply {
  return {
    status,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', pragma: 'no-cache', ...headers },
    body: JSON.stringify(body),
  };
}
