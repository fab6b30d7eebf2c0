import { configurationError } from './grantkeeper-error.js';

export interface ConnectionName {
  /** `/v1/tenants/<tenant>/connections/<id>` */
  readonly path: string;
  /** `<tenant>/<id>` */
  readonly text: string;
}

/** @throws GrantkeeperError `configuration` */
export function connectionName(given: string, defaultTenant: string | undefined): ConnectionName {
  const parts = given.split('/');
  const [tenant, id] = parts.length === 1 ? [defaultTenant, given] : parts;
  if (tenant === undefined) throw configurationError('a connection without a tenant, and no option tenant');
  if (parts.length > 2 || !isSlug(tenant) || !isSlug(id)) {
    throw configurationError('a connection is named <id> or <tenant>/<id>');
  }
  return { path: `/v1/tenants/${tenant}/connections/${id}`, text: `${tenant}/${id}` };
}

/** Looser than Grantkeeper's own rule, and still nothing that leads to another path. */
function isSlug(text: string | undefined): boolean {
  return text !== undefined && /^[A-Za-z0-9_-]+$/.test(text);
}
