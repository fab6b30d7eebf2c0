import { stringify } from 'yaml';
import type { ApiClient } from '../api/api-client.js';
import { segment } from '../resources/address.js';
import type { Options } from '../resources/field-values.js';
import type { Session } from '../session.js';
import type { Json } from '../text/table.js';
import { exportedConnection } from './exported-connection.js';
import { exportedCredential } from './exported-credential.js';
import { present } from './present.js';
import { VariableNames } from './variable-names.js';

/** Everything that `apply` takes, without a secret: in its place stands the name of a variable. */
export async function runExport(session: Session, _: Options, only = session.tenant): Promise<boolean> {
  const { api } = session;
  const ids = only === undefined ? (await api.all('/v1/tenants')).map(({ id }) => String(id)) : [only];
  const providers = (await api.call('GET', '/v1/providers'))['items'] as Json[];
  const names = new VariableNames();
  const exported: Json[] = [];
  for (const id of ids) exported.push(await exportedTenant(api, id, providers, names));
  const document = { tenants: exported };
  // Control characters but line breaks: a terminal may show this.
  session.print(document, () => stringify(document, { lineWidth: 0 }).replace(/[^\P{Cc}\n]/gu, ''));
  return false;
}

async function exportedTenant(
  api: ApiClient,
  id: string,
  providers: readonly Json[],
  names: VariableNames,
): Promise<Json> {
  const path = `/v1/tenants/${segment(id)}`;
  const tenant = await api.call('GET', path);
  const credentials = await api.all(`${path}/credentials`);
  const connections = await api.all(`${path}/connections`);
  const webhooks = await api.all(`${path}/webhooks`);
  const identities = await api.all(`${path}/workload_identities`);
  return {
    ...present(tenant, ['id', 'name', 'audit_reads', 'renewal_weight']),
    ...present(tenant, ['rate_limit_per_second', 'key_rate_limit_per_second', 'branding']),
    ...(tenant['disabled'] === true ? { disabled: true } : {}),
    credentials: await exportedCredentials(api, id, credentials, names),
    connections: connections.map((connection) =>
      exportedConnection(id, connection, credentials, providers, names),
    ),
    webhooks: webhooks.map((webhook) => present(webhook, ['url', 'description', 'events'])),
    workload_identities: identities.map((identity) =>
      present(identity, ['id', 'issuer', 'audience', 'match', 'role', 'connections']),
    ),
  };
}

/** One request for each: a list of client credentials says nothing about their secrets. */
async function exportedCredentials(
  api: ApiClient,
  tenant: string,
  credentials: readonly Json[],
  names: VariableNames,
): Promise<Json[]> {
  const exported: Json[] = [];
  for (const credential of credentials) {
    const path = `/v1/tenants/${segment(tenant)}/credentials/${segment(String(credential['id']))}/secrets`;
    const { items } = await api.call('GET', path);
    exported.push(exportedCredential(tenant, credential, items as Json[], names));
  }
  return exported;
}
