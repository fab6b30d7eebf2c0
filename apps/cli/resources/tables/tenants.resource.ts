import { text } from '../field.js';
import type { Resource } from '../resource.js';
import { dryRun } from './common-fields.js';

export const tenants: Resource = {
  name: 'tenants',
  about: 'tenants of this installation',
  path: '/tenants',
  owner: 'platform',
  columns: ['id', 'name', 'disabled', 'created_at'],
  list: { about: 'list tenants' },
  get: { about: 'show a tenant' },
  create: {
    about: 'create a tenant',
    fields: [text('id', 'a-z, 0-9 and -'), text('name', 'words for people')],
    query: [dryRun],
    examples: ["tenants create --id acme --name 'Acme Inc.'"],
  },
  update: {
    about: 'rename, disable or enable a tenant, or change its limits',
    fields: [
      text('name', 'words for people'),
      { name: 'disabled', kind: 'flag', about: 'refuse every key of the tenant' },
      { name: 'renewal_weight', kind: 'integer', about: 'turns in background renewal, 1 to 100' },
      text('audit_reads', 'batched or strict'),
      { name: 'rate_limit_per_second', kind: 'integer', about: 'requests of all its keys; none: no limit' },
      { name: 'key_rate_limit_per_second', kind: 'integer', about: 'requests of each key; none: no limit' },
      { name: 'branding', kind: 'json', about: 'name, logo and colour of its pages for users; null: none' },
    ],
    examples: ['tenants update acme --rate-limit-per-second 500'],
  },
  delete: { about: 'shred a tenant: nothing of it opens again' },
};
