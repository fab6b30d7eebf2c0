import { fieldValue } from '#oauth-http';
import type { TokenProvider } from '#provider-kit';
import type { ConnectionFields, Credential } from '#vault';

/** The parameters of the callback. */
export interface Callback {
  /** Of the path; null on the path without them. */
  readonly place: { readonly tenant: string; readonly credential: string } | null;
  /** Some parameter came more than once; it is undefined here. */
  readonly isRepeated: boolean;
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly iss: string | undefined;
  /** All of them, by name. */
  readonly parameters: URLSearchParams;
  /** Cookies of the flows that this browser has begun. */
  readonly cookies: readonly string[];
}

/** Why a callback was turned away; nothing was stored. */
export type CallbackRefusal =
  | 'parameters_repeated'
  | 'state_missing'
  | 'state_unknown'
  | 'state_used'
  | 'state_expired'
  | 'wrong_place'
  | 'wrong_browser'
  | 'wrong_issuer'
  | 'code_missing';

/** The parameters that callers of the token need. */
export function fieldNames({
  provider,
  credential,
}: {
  readonly provider: TokenProvider;
  readonly credential: Pick<Credential, 'settings'>;
}): readonly string[] {
  return provider.authorizationCode?.callbackFields?.(credential.settings) ?? [];
}

/** Values that came through the browser prove nothing: each is kept as it is, unless it holds the code or the state. */
export function fieldsOf({ parameters, code, state }: Callback, names: readonly string[]): ConnectionFields {
  const secrets = [code, state].filter((secret) => secret !== undefined);
  const all = names.map((name) => [name, fieldValue(parameters.get(name), secrets)]);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as ConnectionFields;
}
