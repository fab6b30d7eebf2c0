import { usageError } from '../cli.errors.js';
import type { Session } from '../session.js';
import type { Resource } from './resource.js';

/** `/v1` or `/v1/tenants/<tenant>`. */
export function ownerPath(resource: Resource, tenant: string | undefined): string {
  if (resource.owner === 'platform' || (resource.owner === 'either' && tenant === undefined)) return '/v1';
  if (tenant === undefined || tenant === '')
    throw usageError('A tenant must be named.', 'Name it as the argument, as tenant/id, or by --tenant.');
  return `/v1/tenants/${segment(tenant)}`;
}

/** The tenant and the id that `tenant/id` names, or `id` beside `--tenant`. */
export function addressOf(session: Session, resource: Resource, target: string) {
  if (resource.owner === 'platform') return { owner: '/v1', id: segment(target) };
  const parts = target.split('/');
  if (parts.length > 2 || parts.some((part) => part === '')) throw usageError(`${target} is no tenant/id.`);
  const [first = '', second] = parts;
  const owner = ownerPath(resource, second === undefined ? session.tenant : first);
  return { owner, id: segment(second ?? first) };
}

/** One segment of a path; `.` and `..` would be taken out of it. */
export function segment(name: string): string {
  if (name === '.' || name === '..') throw usageError(`${name} is no id.`);
  return encodeURIComponent(name);
}
