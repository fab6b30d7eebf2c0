import type { Resource } from '../resource.js';

/** `audit verify` and `audit prune` are commands of their own: they read the database. */
export const audit: Resource = {
  name: 'audit',
  about: 'audit events of a tenant, or of the platform where no tenant is named',
  path: '/audit_events',
  owner: 'either',
  columns: ['sequence', 'at', 'actor', 'action', 'target', 'outcome'],
  list: { about: 'list audit events, oldest first', examples: ['audit list acme --limit 20'] },
  verbs: {
    checkpoint: {
      about: 'show the end of the chain, signed; keep it elsewhere, for audit verify --from',
      method: 'GET',
      one: false,
      path: '/checkpoint',
      examples: ['audit checkpoint --json > checkpoint.json'],
    },
  },
};
