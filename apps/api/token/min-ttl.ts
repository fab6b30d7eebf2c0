import { invalidField } from '../problem/problem.js';

export const defaultMinTtlSeconds = 60;
export const maxMinTtlSeconds = 86_400;

/** Reads the query of a token read. @throws Problem `invalid_request` */
export function minTtlSeconds(query: unknown): number {
  for (const name in query as Record<string, unknown>) {
    if (name !== 'min_ttl') throw invalidField(name, 'is not a known field');
  }
  return minTtlOf((query as { min_ttl?: unknown }).min_ttl);
}

/** @throws Problem `invalid_request` */
export function minTtlOf(value: unknown): number {
  if (value === undefined) return defaultMinTtlSeconds;
  if (typeof value !== 'string' || !/^\d{1,5}$/.test(value) || Number(value) > maxMinTtlSeconds) {
    throw invalidField('min_ttl', `must be one whole number of seconds from 0 to ${maxMinTtlSeconds}`);
  }
  return Number(value);
}
