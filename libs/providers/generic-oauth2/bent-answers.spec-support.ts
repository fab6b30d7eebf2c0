import type { Deviations } from './bent-requests.spec-support.js';

type Json = Readonly<Record<string, unknown>>;
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** An answer of the sandbox as the server of the preset would have put it. */
export function bentTokens({ body }: Answer, deviations: Deviations): Json {
  const { token_path, token_fields = {} } = deviations;
  const { expires_in, token_type, ...rest } = body;
  const tokens = {
    ...rest,
    ...(deviations.token_type_optional ? {} : { token_type: deviations.token_types?.[0] ?? token_type }),
    ...bentLifetime(Number(expires_in), deviations),
  };
  const answer = token_path === undefined ? tokens : withValueAt({ ok: true }, token_path, tokens);
  return Object.entries(token_fields).reduce(
    (filled, [name, path]) => withValueAt(filled, path, fieldValue(name)),
    answer as Json,
  );
}

export const fieldValue = (name: string) => `${name} of the answer`;

function bentLifetime(seconds: number, deviations: Deviations): Json {
  if (deviations.expires_at_field !== undefined) {
    return { [deviations.expires_at_field]: new Date(Date.now() + seconds * 1000).toISOString() };
  }
  if (deviations.tokens_never_expire || deviations.assumed_expires_in !== undefined) return {};
  return { expires_in: deviations.expires_in_unit === 'ms' ? seconds * 1000 : seconds };
}

/** The refusal of a refresh token in the words the preset knows: of its rules, its error codes, or RFC 6749. */
export function bentRefusal({ status, body }: Answer, deviations: Deviations): Answer {
  const rule = deviations.error_rules?.find(({ code }) => code === 'invalid_grant');
  if (rule !== undefined) {
    const words = rule.equals ?? `It is said that ${rule.contains ?? ''} just now.`;
    return {
      status: rule.status ?? status,
      body: withValueAt({ error: 'invalid_request' }, rule.path ?? 'error_description', words),
    };
  }
  const word = Object.entries(deviations.error_codes ?? {}).find(([, code]) => code === 'invalid_grant')?.[0];
  const [path = 'error'] = deviations.error_paths ?? [];
  return { status, body: withValueAt({ message: 'refused' }, path, word ?? body['error']) };
}

function withValueAt(object: Json, path: string, value: unknown): Json {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = object[name];
  const [next = ''] = rest;
  const known = typeof inner === 'object' && inner !== null ? (inner as Json) : {};
  const nested = withValueAt(known, rest.join('.'), value);
  return { ...object, [name]: /^\d+$/.test(next) ? Object.values(nested) : nested };
}
