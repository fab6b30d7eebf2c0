/** Ids of one set of resources, by what the path or the body calls them. */
export interface Ids {
  readonly tenant: string;
  readonly credential: string;
  readonly connection: string;
  readonly workload: string;
  readonly apiKey: string;
  readonly webhook: string;
  readonly delivery: string;
}

export interface Access {
  /** Letters of the roles that may, as in keys: platform_admin, tenant_admin, connector, token_reader. */
  readonly roles: string;
  /** A body that would be accepted. */
  readonly body?: (ids: Ids) => object;
}

/** Parameters of a path, by the part before them. */
export const pathIds: Readonly<Record<string, keyof Ids>> = {
  tenants: 'tenant',
  api_keys: 'apiKey',
  workload_identities: 'workload',
  credentials: 'credential',
  connections: 'connection',
  webhooks: 'webhook',
  deliveries: 'delivery',
};

const tenant = '/v1/tenants/{tenant}';
const connection = `${tenant}/connections/{id}`;
const webhook = { url: 'https://receiver.example/hook' };

/** Every route that asks for a key. A route that is in the document and not here fails the test. */
export const accessTable: Readonly<Record<string, Access>> = {
  'POST /console/session': { roles: 'pac' },
  'GET /console/session': { roles: 'pacr' },
  'DELETE /console/session': { roles: 'pacr' },
  'GET /v1/hold': { roles: 'p' },
  'POST /v1/hold': { roles: 'p', body: () => ({ release: true }) },
  'GET /v1/keys': { roles: 'p' },
  'POST /v1/keys/rewrap': { roles: 'p' },
  [`POST ${tenant}/keys/rotate`]: { roles: 'p' },
  'GET /v1/providers': { roles: 'pacr' },
  'GET /v1/presets': { roles: 'pacr' },
  'POST /v1/api_keys': { roles: 'p', body: () => ({ name: 'x' }) },
  'GET /v1/api_keys': { roles: 'p' },
  'GET /v1/api_keys/{id}': { roles: 'p' },
  'DELETE /v1/api_keys/{id}': { roles: 'p' },
  'GET /v1/audit_events': { roles: 'p' },
  'GET /v1/audit_events/checkpoint': { roles: 'p' },
  'POST /v1/tenants': { roles: 'p', body: (ids) => ({ id: ids.tenant, name: 'x' }) },
  'GET /v1/tenants': { roles: 'p' },
  [`GET ${tenant}`]: { roles: 'pa' },
  [`PATCH ${tenant}`]: { roles: 'p', body: () => ({ name: 'x' }) },
  [`DELETE ${tenant}`]: { roles: 'p' },
  [`GET ${tenant}/audit_events`]: { roles: 'pa' },
  [`GET ${tenant}/audit_events/checkpoint`]: { roles: 'pa' },
  [`POST ${tenant}/api_keys`]: { roles: 'pa', body: () => ({ name: 'x', role: 'connector' }) },
  [`GET ${tenant}/api_keys`]: { roles: 'pa' },
  [`GET ${tenant}/api_keys/{id}`]: { roles: 'pa' },
  [`DELETE ${tenant}/api_keys/{id}`]: { roles: 'pa' },
  [`POST ${tenant}/workload_identities`]: {
    roles: 'pa',
    body: () => ({ issuer: 'https://unknown.example', match: { sub: 'x' }, role: 'connector' }),
  },
  [`GET ${tenant}/workload_identities`]: { roles: 'pa' },
  [`GET ${tenant}/workload_identities/{id}`]: { roles: 'pa' },
  [`DELETE ${tenant}/workload_identities/{id}`]: { roles: 'pa' },
  [`POST ${tenant}/credentials`]: {
    roles: 'pa',
    body: () => ({ provider: 'generic-oauth2', client_id: 'x', client_secret: 'x' }),
  },
  [`GET ${tenant}/credentials`]: { roles: 'pa' },
  [`GET ${tenant}/credentials/{id}`]: { roles: 'pa' },
  [`PATCH ${tenant}/credentials/{id}`]: { roles: 'pa', body: () => ({ client_id: 'x' }) },
  [`DELETE ${tenant}/credentials/{id}`]: { roles: 'pa' },
  [`GET ${tenant}/credentials/{id}/secrets`]: { roles: 'pa' },
  [`POST ${tenant}/credentials/{id}/secrets`]: { roles: 'pa', body: () => ({ client_secret: 'x' }) },
  [`POST ${tenant}/credentials/{id}/verify`]: { roles: 'pa' },
  [`POST ${tenant}/connections`]: {
    roles: 'pac',
    body: ({ credential }) => ({ credential, grant: 'client_credentials' }),
  },
  [`GET ${tenant}/connections`]: { roles: 'pac' },
  [`GET ${connection}`]: { roles: 'pac' },
  [`PATCH ${connection}`]: { roles: 'pa', body: () => ({ paused: true }) },
  [`DELETE ${connection}`]: { roles: 'pa' },
  [`POST ${connection}/probe`]: { roles: 'pac' },
  [`POST ${connection}/renew`]: { roles: 'pa' },
  // For sessions of the console only: a key is refused, that of the platform once the tenant is known.
  [`GET ${tenant}/changes`]: { roles: 'p' },
  [`GET ${tenant}/activity`]: { roles: 'pac' },
  [`GET ${tenant}/overview`]: { roles: 'pac' },
  'GET /v1/overview': { roles: 'p' },
  [`GET ${connection}/readers`]: { roles: 'pa' },
  [`GET ${connection}/events`]: { roles: 'pac' },
  [`POST ${connection}/authorize`]: { roles: 'pac', body: () => ({}) },
  [`POST ${connection}/complete`]: { roles: 'pac', body: () => ({ confirmation_code: 'x' }) },
  [`GET ${connection}/token`]: { roles: 'par' },
  [`POST ${connection}/token/rejections`]: { roles: 'par', body: () => ({ generation: 1 }) },
  [`GET ${connection}/forward_auth`]: { roles: 'par' },
  [`POST ${tenant}/tokens`]: { roles: 'par', body: (ids) => ({ connections: [ids.connection] }) },
  [`POST ${tenant}/webhooks`]: { roles: 'pa', body: () => webhook },
  [`GET ${tenant}/webhooks`]: { roles: 'pa' },
  [`GET ${tenant}/webhooks/{id}`]: { roles: 'pa' },
  [`DELETE ${tenant}/webhooks/{id}`]: { roles: 'pa' },
  [`GET ${tenant}/webhooks/{id}/deliveries`]: { roles: 'pa' },
  [`POST ${tenant}/webhooks/{id}/deliveries/{delivery}/resend`]: { roles: 'pa' },
  [`POST ${tenant}/deliveries/{id}/resend`]: { roles: 'pa' },
};

/** The path with its parameters filled in. @throws where nothing says with which */
export function filled(path: string, ids: Ids): string {
  const parts = path.split('/');
  return parts
    .map((part, position) => {
      if (!part.startsWith('{')) return part;
      const name = pathIds[parts[position - 1] ?? ''];
      if (name === undefined) throw new Error(`Nothing says how to fill ${part} of ${path}.`);
      return ids[name];
    })
    .join('/');
}
