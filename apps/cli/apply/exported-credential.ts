import type { Json } from '../text/table.js';
import type { VariableNames } from './variable-names.js';

const kinds = ['client_secret', 'private_key'];

/** Ways of client authentication that need another secret than a client secret. */
const byAuthentication: Readonly<Record<string, readonly string[]>> = {
  none: [],
  private_key_jwt: ['private_key'],
  tls_client_auth: ['private_key'],
};

export function exportedCredential(
  tenant: string,
  { id, provider, client_id, settings }: Json,
  grants: readonly unknown[],
  providers: readonly Json[],
  names: VariableNames,
): Json {
  const secrets = secretsOf(
    providers.find((known) => known['id'] === provider),
    settings as Json,
    grants,
  );
  const references = secrets.map((kind) => [kind, names.reference(tenant, String(id), kind)]);
  return { id, provider, client_id, ...Object.fromEntries(references), settings };
}

/** The API says nothing about secrets; the schema of the provider, the settings and the grants do. */
function secretsOf(
  provider: Json | undefined,
  settings: Json,
  grants: readonly unknown[],
): readonly string[] {
  const { required = [] } = (provider?.['credential_schema'] ?? {}) as { required?: readonly string[] };
  const needed = kinds.filter((kind) => required.includes(kind));
  if (needed.length > 0) return needed;
  if (grants.includes('jwt_bearer')) return ['private_key'];
  return byAuthentication[String(settings['client_auth'])] ?? ['client_secret'];
}
