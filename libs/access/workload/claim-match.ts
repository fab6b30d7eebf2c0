import { claimsAboutTheToken } from '#config';
import { matchesGlob } from './glob.js';

/** A claim must be exactly this, or of this form. */
export type ClaimMatcher = string | { readonly glob: string };

export type Claims = Readonly<Record<string, unknown>>;

/**
 * Whether every claim named is there and is as it must be; of an array, one member is enough.
 * Numbers and booleans are compared as JSON writes them.
 */
export function claimsMatch(match: Readonly<Record<string, ClaimMatcher>>, claims: Claims): boolean {
  const matchers = Object.entries(match);
  return (
    matchers.length > 0 &&
    matchers.every(([name, matcher]) => {
      if (!Object.hasOwn(claims, name)) return false;
      const value = claims[name];
      return (Array.isArray(value) ? (value as unknown[]) : [value]).some((one) =>
        valueMatches(matcher, one),
      );
    })
  );
}

/** Whether a claim of that name can say who a JWT is for. */
export function isAboutWho(name: string): boolean {
  return !claimsAboutTheToken.includes(name);
}

/** Whether a matcher asks for anything: a glob of wildcards alone is met by everybody. */
export function isSelective(matcher: ClaimMatcher): boolean {
  return typeof matcher === 'string' || /[^*?]/.test(matcher.glob);
}

function valueMatches(matcher: ClaimMatcher, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false;
  const text = String(value);
  return typeof matcher === 'string' ? text === matcher : matchesGlob(matcher.glob, text);
}
