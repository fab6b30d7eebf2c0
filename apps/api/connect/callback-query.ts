import type { FastifyRequest } from 'fastify';
import type { Callback } from '#connect';

/** Parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2). */
type CallbackQuery = Omit<Callback, 'place' | 'cookies'>;

const maxLength = 4_096;

/**
 * Reads what a browser brought back.
 * @returns undefined when a parameter is longer than any provider's
 */
export function callbackQuery({ url }: FastifyRequest): CallbackQuery | undefined {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  const names = ['state', 'code', 'error', 'error_description', 'iss'];
  const all = names.map((name) => query.getAll(name));
  const [state, code, error, errorDescription, iss] = all;
  if (all.some((values) => values?.some((value) => value.length > maxLength))) return undefined;
  return {
    isRepeated: all.some((values) => (values?.length ?? 0) > 1),
    state: only(state),
    code: only(code),
    error: only(error),
    errorDescription: only(errorDescription),
    iss: only(iss),
    parameters: query,
  };
}

/** An empty parameter counts as absent (RFC 6749 §3.1). */
function only(values: readonly string[] = []): string | undefined {
  return values.length === 1 ? values[0] || undefined : undefined;
}
