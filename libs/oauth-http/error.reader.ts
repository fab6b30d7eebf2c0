import type { RawResponse } from '#provider-kit';
import { isObject, parseAnswer, parseJson, valueAt } from './answer-body.js';
import { readErrorBody, type SpokenError } from './error-dialects.js';
import { matchRule } from './error-rules.js';
import { holdsTokens } from './refresh-token-search.js';
import type { TokenResponseProfile } from './token-response-profile.js';

/** Words that stand where an error would, and say that all is well. */
const wordsOfSuccess = /^(?:ok|success|succeeded|true|none|0|200)$/i;

/**
 * The error in an answer, whatever its status; undefined when it names none. Beside tokens that came with success, only
 * what can be nothing else is an error: an `error`, a flag that denies success, a rule, a word that the settings know.
 */
export function readError(response: RawResponse, profile: TokenResponseProfile): SpokenError | undefined {
  const body = parseAnswer(response.body) ?? parseJson(response.body);
  const spoken = isObject(body) ? readSpoken(body, response, profile) : undefined;
  const ruled = matchRule(response, body, spoken, profile);
  return ruled === undefined ? spoken : { ...spoken, ruled };
}

function readSpoken(
  body: Readonly<Record<string, unknown>>,
  response: RawResponse,
  profile: TokenResponseProfile,
): SpokenError | undefined {
  const succeeded = response.status >= 200 && response.status < 300;
  const besideTokens = succeeded && holdsTokens(body, profile.tokenPath);
  const usual = readErrorBody(body, besideTokens);
  const said = wordAt(body, profile, besideTokens);
  return said === undefined ? usual : { ...usual, code: said };
}

/** The word or number at the first of the paths that the settings name which holds one. */
function wordAt(body: unknown, profile: TokenResponseProfile, besideTokens: boolean): string | undefined {
  for (const path of profile.errorPaths ?? []) {
    const value = valueAt(body, path);
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const word = String(value);
    if (word === '' || (wordsOfSuccess.test(word) && !isMapped(word, profile))) continue;
    if (besideTokens && !isMapped(word, profile)) continue;
    return word;
  }
  return undefined;
}

function isMapped(word: string, { errorCodes = {} }: TokenResponseProfile): boolean {
  return Object.hasOwn(errorCodes, word);
}
