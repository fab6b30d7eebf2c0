import type { IncomingHttpHeaders } from 'node:http';

/** The settings of a preset as they stand in the file: nothing here is the adapter's reading of them. */
export interface Deviations {
  readonly client_auth?: string;
  readonly client_auth_by_grant?: Readonly<Record<string, string>>;
  readonly client_id_in_body?: boolean;
  readonly code_challenge_method?: string;
  readonly scope_separator?: string;
  readonly send_scope?: boolean;
  readonly send_scope_on_refresh?: boolean;
  readonly default_scope?: string;
  readonly audience?: string;
  readonly authorization_parameters?: Parameters;
  readonly token_parameters?: Parameters;
  readonly token_parameters_by_grant?: Readonly<Record<string, Parameters>>;
  readonly token_headers?: Parameters;
  readonly token_request_format?: string;
  readonly grant_type_names?: Parameters;
  readonly refresh_endpoint?: string;
  readonly rotation?: string;
  readonly assumed_expires_in?: number;
  readonly assumed_refresh_expires_in?: number;
  readonly expires_in_unit?: string;
  readonly expires_at_field?: string;
  readonly tokens_never_expire?: boolean;
  readonly token_type_optional?: boolean;
  readonly token_types?: readonly string[];
  readonly token_path?: string;
  readonly token_fields?: Parameters;
  readonly callback_fields?: readonly string[];
  readonly error_paths?: readonly string[];
  readonly error_codes?: Readonly<Record<string, string>>;
  readonly error_rules?: readonly ErrorRule[];
}

export type Parameters = Readonly<Record<string, string>>;

export interface ErrorRule {
  readonly status?: number;
  readonly path?: string;
  readonly equals?: string;
  readonly contains?: string;
  readonly grant?: string;
  readonly code: string;
}

/** Characters that form-encoding and HTTP Basic treat differently. */
export const bentClient = { id: 'acme id', secret: 's+e/c:r%t' };

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Anything that is not empty: the sandbox says whether it is right. */
const some = Symbol('some');
type Expected = Readonly<Record<string, string | symbol>>;

/** Every parameter that the server is sent at its authorization endpoint, and no other. */
export function authorizationFaults(query: Parameters, deviations: Deviations, scope: string): string[] {
  const { audience, code_challenge_method, authorization_parameters = {} } = deviations;
  return differences(query, {
    ...authorization_parameters,
    response_type: 'code',
    client_id: bentClient.id,
    redirect_uri: some,
    state: some,
    ...scopeParameter(deviations, scope),
    ...(code_challenge_method === 'none' ? {} : { code_challenge: some, code_challenge_method: 'S256' }),
    ...(audience === undefined ? {} : { audience }),
  });
}

/** The grant a token request is for, its parameters, and in what it differs from what the server wants. */
export function readTokenRequest(request: Received, deviations: Deviations, scope: string) {
  const form = bodyOf(request);
  const { grant_type_names = {}, token_parameters = {}, token_parameters_by_grant = {} } = deviations;
  const words = Object.entries(grant_type_names);
  const grant = words.find(([, word]) => word === form['grant_type'])?.[0] ?? form['grant_type'] ?? '';
  const { audience } = deviations;
  const method = clientAuth(grant, deviations);
  const expected: Expected = {
    ...token_parameters,
    ...token_parameters_by_grant[grant],
    grant_type: grant_type_names[grant] ?? grant,
    ...grantParameters(grant, deviations, scope),
    ...(audience === undefined ? {} : { audience }),
    ...(method === 'client_secret_basic' && !deviations.client_id_in_body
      ? {}
      : { client_id: bentClient.id }),
    ...(method === 'client_secret_post' ? { client_secret: bentClient.secret } : {}),
  };
  const wantsRefreshPath = grant === 'refresh_token' && deviations.refresh_endpoint !== undefined;
  const faults = [
    ...differences(form, expected),
    ...headerFaults(request, deviations, method),
    ...(request.path === (wantsRefreshPath ? '/generic/refresh' : '/generic/token')
      ? []
      : [`came to ${request.path}`]),
  ];
  return { grant, form, faults };
}

function grantParameters(grant: string, deviations: Deviations, scope: string): Expected {
  switch (grant) {
    case 'authorization_code':
      return {
        code: some,
        redirect_uri: some,
        ...(deviations.code_challenge_method === 'none' ? {} : { code_verifier: some }),
      };
    case 'refresh_token':
      return {
        refresh_token: some,
        ...(deviations.send_scope_on_refresh ? scopeParameter(deviations, scope) : {}),
      };
    default:
      return scopeParameter(deviations, scope);
  }
}

function scopeParameter({ send_scope, scope_separator = ' ' }: Deviations, scope: string): Parameters {
  return send_scope === false ? {} : { scope: scope.replaceAll(' ', scope_separator) };
}

function clientAuth(grant: string, { client_auth, client_auth_by_grant }: Deviations): string {
  return client_auth_by_grant?.[grant] ?? client_auth ?? 'client_secret_basic';
}

function headerFaults({ headers }: Received, deviations: Deviations, method: string): string[] {
  const { token_headers = {}, token_request_format } = deviations;
  const wanted = Object.entries(token_headers).filter(
    ([name, value]) => headers[name.toLowerCase()] !== value,
  );
  const type = token_request_format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  const isTyped = headers['content-type']?.split(';')[0] === type;
  return [
    ...wanted.map(([name]) => `has another ${name}`),
    ...(isTyped ? [] : [`has the content type ${headers['content-type']}`]),
    ...(headers.authorization === basicOf(method) ? [] : [`has the authorization ${headers.authorization}`]),
  ];
}

/** RFC 6749 §2.3.1: each half form-encoded first. */
function basicOf(method: string): string | undefined {
  if (method !== 'client_secret_basic') return undefined;
  const encoded = [bentClient.id, bentClient.secret].map((half) =>
    new URLSearchParams({ '': half }).toString().slice(1),
  );
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

function bodyOf({ headers, body }: Received): Parameters {
  const isJson = headers['content-type']?.startsWith('application/json');
  return isJson ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}

function differences(actual: Parameters, expected: Expected): string[] {
  const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])];
  return names
    .filter((name) => (expected[name] === some ? !actual[name] : actual[name] !== expected[name]))
    .map((name) => `has ${name}=${actual[name]} where ${String(expected[name])} is wanted`);
}
