import type { ApiClient } from '../api/api-client.js';
import type { Json } from '../text/table.js';

/** Asked for client credentials at most, tenant by tenant. */
const mostTenants = 200;

/** The origins that the client credentials in use go to, with GRANTKEEPER_PROVIDER_ENDPOINTS in their place. */
export async function providerOrigins(api: ApiClient, endpoints: string | undefined): Promise<Set<string>> {
  const replaced = endpoints ? (JSON.parse(endpoints) as Record<string, string>) : {};
  const providers = (await api.call('GET', '/v1/providers'))['items'] as Json[];
  const presets = (await api.call('GET', '/v1/presets'))['items'] as Json[];
  const tenants = (await api.call('GET', '/v1/tenants', { query: { limit: String(mostTenants) } }))[
    'items'
  ] as Json[];
  const origins = new Set<string>();
  for (const { id } of tenants) {
    for (const { provider, settings } of await api.all(`/v1/tenants/${String(id)}/credentials`)) {
      const known = providers.find(({ id: name }) => name === provider);
      const own = replaced[String(provider)] ?? filled(known?.['origin'], settings as Json);
      const preset = presets.find(({ id: name }) => name === (settings as Json)['preset']);
      const urls =
        own === undefined ? urlsIn({ ...(preset?.['settings'] as object), ...(settings as Json) }) : [own];
      for (const url of urls) origins.add(new URL(url).origin);
    }
  }
  return origins;
}

/** `https://{region}.example.com` with the settings in it. */
function filled(origin: unknown, settings: Json): string | undefined {
  if (typeof origin !== 'string') return undefined;
  return origin.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) => String(settings[name]));
}

function urlsIn(settings: Json): string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' &&
    /(?:endpoint|issuer|_uri|_url)$/.test(name) &&
    name !== 'redirect_uri' &&
    isUrl(value)
      ? [value]
      : [],
  );
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\/[^{}]+$/.test(text);
}
