import { isObject, valueAt } from './answer-body.js';
import type { ProviderDialect } from './token-response-profile.js';

type Json = Readonly<Record<string, unknown>>;

/** Longer values are no host, realm or id, and are left out. */
const maxLength = 1_024;

/** The members of RFC 6749 and OpenID Connect that hold a secret, in the spellings that servers have for them. */
const tokenMember = /(?:token|secret|password|assertion|verifier)$/i;

/** The same, and what goes through a browser: its value is as good as a secret until it has been used. */
const secretMember = /^(?:code|state|(?:authorization|auth|device|user)_?code)$/i;

/**
 * Whether a dot path, or a name that a value gets, is that of a secret. No setting may make one visible, whatever the
 * server puts there.
 */
export function namesSecret(path: string): boolean {
  const names = path.split('.');
  return names.some((name) => tokenMember.test(name)) || secretMember.test(names.at(-1) ?? '');
}

/**
 * Every declared name with the value that the answer has at its path, or null. A path leads from the answer itself, or
 * else from the object that holds the tokens.
 * @returns undefined where nothing is declared
 */
export function readFields(
  answer: Json,
  tokens: Json,
  { tokenFields, callbackFields }: Pick<ProviderDialect, 'tokenFields' | 'callbackFields'>,
): Readonly<Record<string, string | null>> | undefined {
  if (tokenFields === undefined && callbackFields === undefined) return undefined;
  const secrets = tokensIn(answer);
  const read = Object.entries(tokenFields ?? {}).map(([name, path]) => [
    name,
    fieldValue(valueAt(answer, path) ?? valueAt(tokens, path), secrets) ?? null,
  ]);
  const unread = (callbackFields ?? []).map((name) => [name, null]);
  return Object.fromEntries([...unread, ...read]) as Record<string, string | null>;
}

/** @returns undefined for what is no short line of text, and for what holds one of the secrets */
export function fieldValue(value: unknown, secrets: readonly string[]): string | undefined {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  const text = isPlain ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > maxLength) return undefined;
  if (/[\p{Cc}\p{Cs}]/u.test(text) || secrets.some((secret) => holds(text, secret))) return undefined;
  return text;
}

/** A secret of a few characters is part of many texts that have nothing to do with it. */
function holds(text: string, secret: string): boolean {
  return secret.length < 8 ? text === secret : text.includes(secret);
}

/** The values of all members that hold a secret, wherever they stand. */
export function tokensIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(tokensIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (inner !== '' && tokenMember.test(name) ? [inner] : []) : tokensIn(inner),
  );
}
