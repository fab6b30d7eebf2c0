import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem/problem.js';

const maxDepth = 32;

/** NestJS takes fields of these names out of a body before it is checked, and says nothing. */
const takenOut: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** A body that is absent although its type is announced, as many clients send it with DELETE, counts as none. */
export function parseJsonBody(
  _request: FastifyRequest,
  text: string | Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    const body: unknown = text.length === 0 ? undefined : JSON.parse(text.toString());
    const flaw = flawOf(body);
    done(flaw === undefined ? null : new Problem('invalid_request', { detail: flaw }), body);
  } catch {
    done(new Problem('invalid_request', { detail: 'The body is not valid JSON.' }));
  }
}

/** A flaw that JSON allows, but not PostgreSQL or our schemas. Walks without recursion: the depth is the caller's. */
function flawOf(body: unknown): string | undefined {
  const rest: [unknown, number][] = [[body, 0]];
  for (let next = rest.pop(); next; next = rest.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string' && !isStorable(value))
      return 'A text holds a character that cannot be stored.';
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= maxDepth) return `The body is nested deeper than ${maxDepth} levels.`;
    for (const [name, inner] of Object.entries(value)) {
      if (takenOut.includes(name) || !isStorable(name)) return 'A field has a name that is not allowed.';
      rest.push([inner, depth + 1]);
    }
  }
  return undefined;
}

/** No NUL, no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
