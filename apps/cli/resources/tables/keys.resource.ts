import { text } from '../field.js';
import type { Resource } from '../resource.js';

export const keys: Resource = {
  name: 'keys',
  about: 'API keys of a tenant, or of the platform where no tenant is named; and the keys that encrypt',
  path: '/api_keys',
  owner: 'either',
  columns: ['id', 'name', 'role', 'connections', 'expires_at', 'created_at'],
  list: { about: 'list API keys', examples: ['keys list', 'keys list acme'] },
  get: { about: 'show an API key, without the key itself' },
  create: {
    about: 'create an API key; it is shown this once',
    fields: [
      text('name', 'words for people'),
      text('role', 'platform_admin; of a tenant: tenant_admin, connector or token_reader'),
      { name: 'connections', kind: 'list', about: 'narrows a token_reader to these' },
      text('expires_at', 'a time of RFC 3339; absent: never'),
    ],
    examples: ['keys create acme --name billing --role token_reader --connections main'],
  },
  delete: { about: 'revoke an API key' },
  verbs: {
    status: {
      about: 'which key-encryption key wraps how many data keys, and which may be removed',
      method: 'GET',
      one: false,
      path: '/v1/keys',
      behind: 'root',
      columns: ['id', 'state', 'kind', 'data_keys', 'callers', 'signs_audit', 'removable', 'remedy'],
    },
    rewrap: {
      about: 'wrap all data keys by the newest key-encryption key',
      method: 'POST',
      one: false,
      path: '/v1/keys/rewrap',
      behind: 'root',
      until: 'left',
    },
    rotate: {
      about: 'replace the data key of a tenant',
      method: 'POST',
      one: false,
      path: '/keys/rotate',
      behind: 'owner',
      until: 'left',
      examples: ['keys rotate acme'],
    },
  },
};
