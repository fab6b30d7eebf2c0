import type { FailureCode, RawResponse } from '#provider-kit';
import { valueAt } from './answer-body.js';
import type { SpokenError } from './error-dialects.js';
import type { ErrorRule, TokenResponseProfile } from './token-response-profile.js';

/**
 * The code of the first rule that matches an answer. An answer with success is not turned into a failure by its status
 * or grant alone: a rule must find something in it.
 */
export function matchRule(
  response: RawResponse,
  body: unknown,
  error: SpokenError | undefined,
  { errorRules = [], context }: TokenResponseProfile,
): FailureCode | undefined {
  const succeeded = response.status >= 200 && response.status < 300;
  return errorRules.find(
    (rule) =>
      (rule.status === undefined || rule.status === response.status) &&
      (rule.grant === undefined || rule.grant === context.grant) &&
      matchesContent(rule, body, error) &&
      (!succeeded || error !== undefined || rule.path !== undefined),
  )?.code;
}

function matchesContent(
  { path, equals, contains }: ErrorRule,
  body: unknown,
  error: SpokenError | undefined,
): boolean {
  const found = path === undefined ? [error?.code, error?.description] : [valueAt(body, path)];
  const values = found.filter((value) => value !== undefined && value !== null);
  if (path !== undefined && values.length === 0) return false;
  const isEqual = (value: unknown) => isScalar(value) && String(value) === String(equals);
  if (equals !== undefined && !values.some(isEqual)) return false;
  return contains === undefined || values.some((value) => holds(value, contains));
}

function holds(value: unknown, part: string): boolean {
  return isScalar(value) && String(value).toLowerCase().includes(part.toLowerCase());
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
