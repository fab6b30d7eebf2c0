import type { Json } from '../text/table.js';
import { present } from './present.js';
import type { VariableNames } from './variable-names.js';

const browserGrants = new Set(['authorization_code']);
const secretFields: Readonly<Record<string, string>> = {
  password: 'password',
  refresh_token: 'refresh_token',
};

export function exportedConnection(
  tenant: string,
  connection: Json,
  credentials: readonly Json[],
  providers: readonly Json[],
  names: VariableNames,
): Json {
  const { id, grant, subject, scope, missing_scopes, labels, renewal, provider } = connection;
  const known = providers.find(({ id: name }) => name === provider);
  const subjectField = (known?.['subject_fields'] as Record<string, string>)?.[String(grant)] ?? 'subject';
  const secretField = secretFields[String(grant)];
  const scopes = [...scopesIn(scope), ...((missing_scopes ?? []) as string[])];
  return {
    ...present(connection, ['id', 'credential', 'grant']),
    ...(subject === null ? {} : { [subjectField]: subject }),
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    ...(secretField === undefined ? {} : { [secretField]: names.reference(tenant, String(id), secretField) }),
    ...(browserGrants.has(String(grant)) ? returnUrl(connection, credentials) : {}),
    ...(Object.keys(labels as Json).length > 0 ? { labels } : {}),
    ...(renewal === 'auto' ? {} : { renewal }),
    ...(connection['paused'] === true ? { paused: true } : {}),
  };
}

/** Where browsers come back to is not kept with the connection: the first of the allowed ones. */
function returnUrl({ credential }: Json, credentials: readonly Json[]): Json {
  const { settings } = credentials.find(({ id }) => id === credential) ?? {};
  const [first] = ((settings as Json | undefined)?.['return_urls'] ?? []) as string[];
  return first === undefined ? {} : { return_url: first };
}

/** Servers write what they grant with separators of their own; asked for it is with spaces (RFC 6749 §3.3). */
function scopesIn(granted: unknown): string[] {
  const text = String(granted ?? '').trim();
  return text.split(text.includes(' ') ? / +/ : /[,;|]/).filter((one) => one !== '');
}
