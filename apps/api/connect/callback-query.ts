import type { FastifyRequest } from 'fastify';

/** Parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2). */
export interface CallbackQuery {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
  readonly iss?: string;
}

const names = ['state', 'code', 'error', 'iss'] as const;
const maxLength = 4_096;

/**
 * Reads what a browser brought back.
 * @returns undefined when a parameter comes twice (RFC 6749 §3.1), or is longer than any provider's
 */
export function callbackQuery(request: FastifyRequest): CallbackQuery | undefined {
  const query = new URL(request.url, 'http://callback').searchParams;
  const found: Record<string, string> = {};
  for (const name of names) {
    const [value, ...more] = query.getAll(name);
    if (more.length > 0 || (value?.length ?? 0) > maxLength) return undefined;
    if (value) found[name] = value;
  }
  return found;
}
