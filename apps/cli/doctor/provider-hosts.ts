import type { ApiClient } from '../api/api-client.js';
import type { Json } from '../text/table.js';

/** Where a provider without an address in its settings is. */
const fixed: Readonly<Record<string, (settings: Json) => string>> = {
  'vonage-network': ({ region }) => `https://api-${String(region ?? 'eu')}.vonage.com`,
  'vonage-business': () => 'https://api.vonage.com',
  'net2phone-canada': () => 'https://integrate.versature.com',
  'vonage-contact-center': ({ region }) => `https://${String(region)}.cc.vonage.com`,
};

/** Asked for client credentials at most, tenant by tenant. */
const mostTenants = 200;

/** The origins that the client credentials in use go to, with GRANTKEEPER_PROVIDER_ENDPOINTS in their place. */
export async function providerOrigins(api: ApiClient, endpoints: string | undefined): Promise<Set<string>> {
  const replaced = endpoints ? (JSON.parse(endpoints) as Record<string, string>) : {};
  const presets = (await api.call('GET', '/v1/presets'))['items'] as Json[];
  const tenants = (await api.call('GET', '/v1/tenants', { query: { limit: String(mostTenants) } }))[
    'items'
  ] as Json[];
  const origins = new Set<string>();
  for (const { id } of tenants) {
    for (const { provider, settings } of await api.all(`/v1/tenants/${String(id)}/credentials`)) {
      const own = replaced[String(provider)] ?? fixed[String(provider)]?.(settings as Json);
      const preset = presets.find(({ id: name }) => name === (settings as Json)['preset']);
      const urls =
        own === undefined ? urlsIn({ ...(preset?.['settings'] as object), ...(settings as Json) }) : [own];
      for (const url of urls) origins.add(new URL(url).origin);
    }
  }
  return origins;
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
