import { isObject } from './error-dialects.js';
import { parseObject } from './failure.reader.js';

/** Deeper than any server nests its tokens. */
const mostDepth = 6;

/** `refresh_token`, also as `refreshToken` or `RefreshToken`. */
const memberName = /^refresh_?token$/i;

/** In a text that is no JSON, perhaps because its end is missing. */
const inText = /"refresh_?token"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.){1,8192}")/i;

/**
 * Looks for a refresh token in an answer that could not be read as tokens: wherever it is nested, in a form, in a text
 * that breaks off.
 * @returns `null` where there is one that cannot be sent back (RFC 6749 appendix A.17), and nothing where there is none
 */
export function newestRefreshToken(body: string): { refreshToken?: string | null } {
  const found = foundIn(parseObject(body) ?? formOf(body)) ?? fromText(body);
  if (found === undefined) return {};
  return { refreshToken: typeof found === 'string' && /^[\x20-\x7e]+$/.test(found) ? found : null };
}

/** The least deep one; null and empty text say that there is none. */
function foundIn(value: unknown): unknown {
  let level = [value];
  for (let depth = 0; depth < mostDepth && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const one of level) {
      if (Array.isArray(one)) next.push(...one);
      if (!isObject(one)) continue;
      for (const [name, member] of Object.entries(one)) {
        if (memberName.test(name) && member !== null && member !== '') return member;
        next.push(member);
      }
    }
    level = next;
  }
  return undefined;
}

function formOf(body: string): Record<string, string> | undefined {
  return body.includes('=') && !/[\s<{]/.test(body)
    ? Object.fromEntries(new URLSearchParams(body))
    : undefined;
}

function fromText(body: string): unknown {
  const [, quoted] = inText.exec(body) ?? [];
  try {
    return quoted === undefined ? undefined : JSON.parse(quoted);
  } catch {
    return null;
  }
}
