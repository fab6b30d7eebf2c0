import { isObject, parseAnswer, parseJson, valueAt } from './answer-body.js';

/** RFC 6749 appendix A.17: what can be sent back. */
export function isRefreshToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
}

/**
 * The refresh token in an answer with success that does not read as a token set: where the settings say the tokens
 * are, at the top, or one level down. Undefined when there is none that could be sent back.
 */
export function findRefreshToken(body: string, tokenPath?: string): string | undefined {
  return findMember(body, 'refresh_token', tokenPath);
}

/** Whether the answer holds anything that could be a token, so that a mere message in it is no refusal. */
export function holdsTokens(body: string, tokenPath?: string): boolean {
  return (
    findMember(body, 'access_token', tokenPath) !== undefined ||
    findMember(body, 'refresh_token', tokenPath) !== undefined
  );
}

function findMember(body: string, name: string, tokenPath: string | undefined): string | undefined {
  const answer = parseAnswer(body) ?? parseJson(body);
  if (typeof answer !== 'object' || answer === null) return undefined;
  const said = tokenPath === undefined ? undefined : valueAt(answer, tokenPath);
  for (const place of [said, answer, ...Object.values(answer)]) {
    const found = isObject(place) && Object.hasOwn(place, name) ? place[name] : undefined;
    if (isRefreshToken(found)) return found;
  }
  return undefined;
}
