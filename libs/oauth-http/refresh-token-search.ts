import { isObject, parseAnswer, parseJson, valueAt } from './answer-body.js';

/** Deeper than any server nests its tokens. */
const mostDepth = 6;

/** As RFC 6749 spells them, and as `refreshToken` or `RefreshToken`. */
const memberNames = { access: /^access_?token$/i, refresh: /^refresh_?token$/i };

/** In a text that is no JSON, perhaps because its end is missing. */
const inText = /"refresh_?token"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.){1,8192}")/i;

/** RFC 6749 appendix A.17: what can be sent back. */
export function isRefreshToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
}

/**
 * The refresh token in an answer with success that does not read as a token set: where the settings say the tokens
 * are, or wherever it is nested, also in a form, and in a text that breaks off. Null where there is one that cannot be
 * sent back; undefined where there is none.
 */
export function findRefreshToken(body: string, tokenPath?: string): string | null | undefined {
  const answer = parseAnswer(body) ?? parseJson(body);
  const found = findMember(answer, memberNames.refresh, tokenPath) ?? fromText(body, answer);
  if (found === undefined) return undefined;
  return isRefreshToken(found) ? found : null;
}

/** Whether the answer holds anything that could be a token, so that a mere message in it is no refusal. */
export function holdsTokens(answer: unknown, tokenPath?: string): boolean {
  return Object.values(memberNames).some((name) => findMember(answer, name, tokenPath) !== undefined);
}

/** The least deep one; null and empty text say that there is none. */
function findMember(answer: unknown, memberName: RegExp, tokenPath: string | undefined): unknown {
  let level = [tokenPath === undefined ? undefined : valueAt(answer, tokenPath), answer];
  for (let depth = 0; depth < mostDepth && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const place of level) {
      if (Array.isArray(place)) next.push(...place);
      if (!isObject(place)) continue;
      for (const [name, member] of Object.entries(place)) {
        if (memberName.test(name) && member !== null && member !== '') return member;
        next.push(member);
      }
    }
    level = next;
  }
  return undefined;
}

function fromText(body: string, answer: unknown): unknown {
  if (answer !== undefined) return undefined;
  const [, quoted] = inText.exec(body) ?? [];
  return quoted === undefined ? undefined : (parseJson(quoted) ?? null);
}
