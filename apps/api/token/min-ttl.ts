import { invalidField } from '../problem/problem.js';

const defaultSeconds = 60;
const maxSeconds = 86_400;

/** Reads the query of a token read by hand: it is on the shortest path. @throws Problem `invalid_request` */
export function minTtlSeconds(query: unknown): number {
  for (const name in query as Record<string, unknown>) {
    if (name !== 'min_ttl') throw invalidField(name, 'is not a known field');
  }
  const value = (query as { min_ttl?: unknown }).min_ttl;
  if (value === undefined) return defaultSeconds;
  if (typeof value !== 'string' || !/^\d{1,5}$/.test(value) || Number(value) > maxSeconds) {
    throw invalidField('min_ttl', `must be one whole number of seconds from 0 to ${maxSeconds}`);
  }
  return Number(value);
}
